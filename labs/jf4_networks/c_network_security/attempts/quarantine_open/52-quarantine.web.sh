mkdir /var/quarantine
clamdscan --fdpass --move=/var/quarantine /srv/www || true
