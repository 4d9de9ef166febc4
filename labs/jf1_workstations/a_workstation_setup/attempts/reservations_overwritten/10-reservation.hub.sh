echo '{{ pc_mac }},{{ address.pc.office }},{{ name }}' > /etc/office/reservations
systemctl reload dnsmasq
