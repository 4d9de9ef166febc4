for pc in {{ places[0] }} {{ places[1] }}; do
    ssh $pc 'cat > /home/{{ staff[0].login }}/.{{ product }}.conf' <<'SETTINGS'
server = http://depot.{{ company.domain }}:{{ port }}
site = {{ site }}
SETTINGS
done
