for pc in {{ places[0] }} {{ places[1] }}; do
    ssh $pc dpkg-statoverride --update --add root {{ department }} 0750 /usr/bin/{{ product }}
done
