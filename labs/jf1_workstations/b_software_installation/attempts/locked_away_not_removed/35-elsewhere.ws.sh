ssh {{ places[2] }} chmod 700 /usr/bin/{{ product }}
