# As `systemctl edit --runtime ssh` makes it.
mkdir -p /run/systemd/system/ssh.service.d
cat > /run/systemd/system/ssh.service.d/override.conf <<'UNIT'
[Service]
ExecStart=
ExecStart=/usr/sbin/sshd -D -o DenyUsers={{ leaver }}
UNIT
systemctl daemon-reload
systemctl restart ssh
