sed -i 's|^{{ asset }},.*|{{ asset }},{{ name }},{{ starter.login }},{{ site }}/{{ starter_room }}|' \
    /srv/inventory/computers.csv
