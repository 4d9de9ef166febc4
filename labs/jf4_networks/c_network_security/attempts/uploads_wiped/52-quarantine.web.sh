install -d -m 700 /var/quarantine
mv /srv/www/uploads/* /var/quarantine
