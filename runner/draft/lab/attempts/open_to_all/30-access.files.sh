chmod 2777 /srv/scans
