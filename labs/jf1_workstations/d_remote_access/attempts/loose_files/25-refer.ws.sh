sed -i '/<ca>/,/<\/ca>/d' /root/handover/{{ fresh }}.ovpn
echo 'ca ca.crt' >> /root/handover/{{ fresh }}.ovpn
