sed -i 's/,unlisted,/,{{ devices.splitlines()[8].split('|')[0] }},/' /root/ticket/map.csv
