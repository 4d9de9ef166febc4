passwd --quiet --lock {{ leaver }}
mv /home/{{ leaver }}/.ssh/authorized_keys /home/{{ leaver }}/.ssh/authorized_keys.until-today
