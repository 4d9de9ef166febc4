mkdir -p /srv/archive/{{ leaver }}
cp -a /home/{{ leaver }} /srv/archive/{{ leaver }}/home
