clamdscan --fdpass --remove /srv/www || true
