sed -i 's/^.*,unlisted,.*/{{ network.office.rsplit('.', 1)[0] }}.250,,{{ devices.splitlines()[8].split('|')[0] }},{{ gear[4][1] }},/' /root/ticket/map.csv
