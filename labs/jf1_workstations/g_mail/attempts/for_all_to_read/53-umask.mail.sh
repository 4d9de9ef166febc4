sed -i '/^umask/d' /usr/local/sbin/mail-backup
