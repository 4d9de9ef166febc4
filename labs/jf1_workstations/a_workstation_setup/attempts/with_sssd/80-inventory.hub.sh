sed -i 's|^{{ asset }},.*|{{ asset }},{{ name }},{{ pc_mac }},{{ starter.login }},{{ site }}/{{ starter_room }}|' \
    /srv/inventory/computers.csv
