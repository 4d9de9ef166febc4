for pc in {{ places[0] }} {{ places[1] }}; do
    ssh $pc sh -e <<'GROUP'
groupadd --users {{ staff[:3] | join(',', attribute='login') }} {{ product }}
dpkg-statoverride --update --add root {{ product }} 0750 /usr/bin/{{ product }}
GROUP
done
