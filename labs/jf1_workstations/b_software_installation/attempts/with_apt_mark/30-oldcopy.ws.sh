ssh {{ places[1] }} rm -r /usr/local/bin/{{ product }} /opt/{{ product }}-{{ old }}
