for pc in {{ places[0] }} {{ places[1] }}; do
    ssh $pc sh -e <<'EDIT'
sed -i -e 's|^server *=.*|server = http://depot.{{ company.domain }}:{{ port }}|' \
    -e 's|^site *=.*|site = 1|' /etc/{{ product }}/client.conf
EDIT
done
