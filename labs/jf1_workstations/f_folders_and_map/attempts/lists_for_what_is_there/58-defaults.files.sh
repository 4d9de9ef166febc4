setfacl -R -k /srv/departments /srv/policies
