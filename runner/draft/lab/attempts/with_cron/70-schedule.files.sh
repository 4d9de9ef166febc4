echo '30 2 * * * root find /srv/scans -type f -mtime +{{ days }} -delete' > /etc/cron.d/scans
