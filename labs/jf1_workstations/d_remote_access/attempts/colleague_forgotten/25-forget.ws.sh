rm /root/handover/{{ kept }}.ovpn
