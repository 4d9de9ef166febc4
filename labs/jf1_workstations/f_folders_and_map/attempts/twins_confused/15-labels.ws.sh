{% set first, second = devices.splitlines()[1].split('|')[0], devices.splitlines()[2].split('|')[0] %}
sed -i -e 's/{{ first }}/-/' -e 's/{{ second }}/{{ first }}/' -e 's/,-,/,{{ second }},/' /root/ticket/map.csv
