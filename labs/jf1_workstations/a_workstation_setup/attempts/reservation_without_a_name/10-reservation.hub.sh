echo '{{ pc_mac }},{{ address.pc.office }}' >> /etc/office/reservations
systemctl reload dnsmasq
