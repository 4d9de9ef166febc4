chown -R {{ manager }} /srv/departments/{{ departments[0] }}/{{ desk_folder }}
chmod -R u=rwX,g=rwX /srv/departments/{{ departments[0] }}/{{ desk_folder }}
