cat > /etc/dnsmasq.d/{{ name }}.conf <<'DNSMASQ'
dhcp-host={{ pc_mac }},{{ name }},{{ address.pc.office }},infinite
DNSMASQ
systemctl restart dnsmasq
timeout 20 sh -c 'until ss -Hltn "sport = :53" | grep -q .; do sleep 0.2; done'
