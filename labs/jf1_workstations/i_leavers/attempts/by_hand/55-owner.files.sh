mkdir -p /srv/archive/{{ leaver }}
chown -R {{ manager }}: /srv/archive/{{ leaver }}
chmod -R u=rwX,go= /srv/archive/{{ leaver }}
