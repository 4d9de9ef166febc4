sed -i -E 's|^({{ asset }}),[^,]*,([^,]*),.*|\1,,\2,,stock|' /srv/inventory/computers.csv
