echo 'find /backup -type f -mtime +{{ keep }} -delete' >> /usr/local/sbin/mail-backup
