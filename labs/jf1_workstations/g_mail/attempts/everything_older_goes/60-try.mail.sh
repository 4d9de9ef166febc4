/usr/local/sbin/mail-backup
