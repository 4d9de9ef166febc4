chown -R {{ manager }}: /srv/archive/{{ leaver }}
