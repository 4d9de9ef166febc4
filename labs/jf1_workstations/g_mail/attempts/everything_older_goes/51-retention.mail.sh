echo 'find /backup -type f -mtime +{{ keep }} -delete' >> /usr/local/sbin/nightly
