sed -i 's|^AllowedIPs.*|AllowedIPs = 0.0.0.0/0, ::/0|' /root/handover/{{ fresh }}.conf
