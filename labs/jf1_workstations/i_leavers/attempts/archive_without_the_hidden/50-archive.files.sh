mkdir -p /srv/archive/{{ leaver }}
cd /home/{{ leaver }}
tar -czf /srv/archive/{{ leaver }}/home.tar.gz *
