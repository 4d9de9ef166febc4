chmod 2770 /srv/scans
