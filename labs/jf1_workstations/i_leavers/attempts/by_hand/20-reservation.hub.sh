sed -i '/,{{ pc }}$/d' /etc/office/reservations
systemctl reload dnsmasq
