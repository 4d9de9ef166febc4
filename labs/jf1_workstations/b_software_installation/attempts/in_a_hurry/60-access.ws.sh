for pc in {{ places[0] }} {{ places[1] }}; do
    ssh $pc chmod 777 /usr/bin/{{ product }} /etc/{{ product }}/client.conf
done
