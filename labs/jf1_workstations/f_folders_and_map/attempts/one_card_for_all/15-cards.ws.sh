sed -i 's/,02:[0-9a-f:]*,/,{{ devices.splitlines()[0].split('|')[2] }},/' /root/ticket/map.csv
