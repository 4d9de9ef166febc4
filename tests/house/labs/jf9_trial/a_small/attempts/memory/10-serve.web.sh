cat > /etc/systemd/system/page.service <<'UNIT'
[Service]
ExecStart=/bin/sh -c 'while :; do nc -lN 80 </srv/www/index.html; done'
[Install]
WantedBy=multi-user.target
UNIT
systemctl start page
