systemctl start systemd-networkd
