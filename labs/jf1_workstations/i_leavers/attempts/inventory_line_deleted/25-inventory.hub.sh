sed -i '/^{{ asset }},/d' /srv/inventory/computers.csv
