cat > /etc/systemd/system/tidy-scans.service <<'UNIT'
[Unit]
Description=Remove old scans

[Service]
Type=oneshot
ExecStart=/usr/bin/find /srv/scans -type f -mtime +{{ days }} -delete
UNIT
cat > /etc/systemd/system/tidy-scans.timer <<'UNIT'
[Unit]
Description=Remove old scans every night

[Timer]
OnCalendar=*-*-* 02:30:00

[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
