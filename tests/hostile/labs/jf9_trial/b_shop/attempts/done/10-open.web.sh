echo {{ word }} > /srv/page
printf '#!/bin/sh\necho {{ word }}\n' > /srv/greet
chmod +x /srv/greet
cat > /etc/systemd/system/page.service <<'UNIT'
[Service]
ExecStart=/bin/sh -c 'while :; do nc -lN 80 </srv/page; done'
Restart=always
[Install]
WantedBy=multi-user.target
UNIT
systemctl enable --now page
