mkdir -p /srv/archive/{{ leaver }}/department
find /srv/departments -type f -user {{ leaver }} -exec mv --backup=numbered -t /srv/archive/{{ leaver }}/department {} +
