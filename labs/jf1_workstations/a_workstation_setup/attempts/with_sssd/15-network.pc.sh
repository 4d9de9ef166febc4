cat > /etc/systemd/network/10-office.network <<'NETWORK'
[Match]
Name=eth0

[Network]
DHCP=ipv4
NETWORK
systemctl enable systemd-networkd
