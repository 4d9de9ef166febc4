sed -i '/^{{ leaver }}:/d' /etc/dovecot/users
