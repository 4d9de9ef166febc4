setfacl --default --modify group:scans:rwx /srv/scans
setfacl --modify group:scans:rw /srv/scans/*
