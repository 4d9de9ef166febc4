systemctl start tidy-scans.timer
