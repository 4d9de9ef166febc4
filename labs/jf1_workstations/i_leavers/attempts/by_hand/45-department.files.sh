chmod -R g+rwX /srv/departments/{{ departments[0] }}/{{ desk_folder }}
