sed -i '/{{ intruder }}/d' /var/log/auth.log
