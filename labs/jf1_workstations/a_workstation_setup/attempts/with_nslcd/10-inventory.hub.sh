sed -i '/^{{ asset }},/d' /srv/inventory/computers.csv
echo '{{ asset }}, {{ name }}, {{ pc_mac | upper | replace(':', '-') }}, {{ starter.login }}, {{ site }}/{{ starter_room }}' \
    >> /srv/inventory/computers.csv
