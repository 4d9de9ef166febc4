sed -i '/{{ devices.splitlines()[3].split('|')[2] }}/d' /root/ticket/map.csv
