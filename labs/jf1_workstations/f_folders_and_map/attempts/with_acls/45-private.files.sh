cd /srv/departments/{{ departments[0] }}
setfacl -R -b {{ private_folder }}
chown -R {{ staff[0].login }} {{ private_folder }}
chmod -R go= {{ private_folder }}
