sed -i 's/^{{ leaver }}:[^:]*:/{{ leaver }}:{CRYPT}!:/' /etc/dovecot/users
