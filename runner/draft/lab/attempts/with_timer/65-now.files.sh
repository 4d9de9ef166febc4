systemctl start tidy-scans.service
