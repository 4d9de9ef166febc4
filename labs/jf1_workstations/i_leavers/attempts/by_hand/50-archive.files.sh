mkdir -p /srv/archive/{{ leaver }}
tar -C /home -czf /srv/archive/{{ leaver }}/home.tar.gz {{ leaver }}
