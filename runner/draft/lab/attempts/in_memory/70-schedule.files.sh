systemd-run --unit=tidy-scans --on-calendar='*-*-* 02:30:00' \
    find /srv/scans -type f -mtime +{{ days }} -delete
