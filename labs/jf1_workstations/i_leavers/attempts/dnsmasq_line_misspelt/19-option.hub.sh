echo 'dhcp-deny={{ pc }}' > /etc/dnsmasq.d/leavers.conf
