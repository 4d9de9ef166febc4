cd /srv/departments/{{ departments[0] }}
chown -R {{ staff[0].login }}: {{ private_folder }}
chmod -R g-s,u=rwX,go= {{ private_folder }}
