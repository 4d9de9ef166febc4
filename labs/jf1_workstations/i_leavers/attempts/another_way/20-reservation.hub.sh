systemctl stop dnsmasq
sed -i '/{{ pc }}/d' /etc/office/reservations /var/lib/misc/dnsmasq.leases
systemctl start dnsmasq
