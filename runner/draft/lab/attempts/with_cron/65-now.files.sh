find /srv/scans -type f -mtime +{{ days }} -delete
