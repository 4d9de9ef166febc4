ssh {{ places[0] }} chmod 644 /etc/{{ product }}/client.conf
