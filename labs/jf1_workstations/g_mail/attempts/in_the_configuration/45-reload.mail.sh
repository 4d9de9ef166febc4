systemctl reload dovecot
