cat > /etc/network/interfaces.d/eth0 <<'INTERFACES'
auto eth0
iface eth0 inet dhcp
INTERFACES
timeout 20 ifup eth0
