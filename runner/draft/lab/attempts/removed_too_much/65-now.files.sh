find /srv/scans -type f -mtime +1 -delete
