cat > /etc/default/nightly <<'CONF'
FROM=/srv
WHAT=mail
TO=/backup
DAYS={{ keep }}
CONF
cat > /etc/systemd/system/nightly.service <<'UNIT'
[Service]
Type=oneshot
EnvironmentFile=/etc/default/nightly
ExecStart=/usr/local/sbin/nightly
UNIT
cat > /etc/systemd/system/nightly.timer <<'UNIT'
[Timer]
OnCalendar=*-*-* 03:30:00
Persistent=true

[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
systemctl enable --quiet --now nightly.timer
