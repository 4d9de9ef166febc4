cat > /etc/systemd/system/mail-backup.service <<'UNIT'
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/mail-backup
UNIT
cat > /etc/systemd/system/mail-backup.timer <<'UNIT'
[Timer]
OnCalendar=*-*-* 03:30:00
Persistent=true

[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
systemctl start mail-backup.timer
