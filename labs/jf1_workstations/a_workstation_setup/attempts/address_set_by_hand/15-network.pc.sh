cat > /etc/systemd/network/10-office.network <<'NETWORK'
[Match]
Name=eth0

[Network]
Address={{ address.pc.office }}/24
NETWORK
systemctl enable systemd-networkd
