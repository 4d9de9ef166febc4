for pc in {{ places[0] }} {{ places[1] }}; do
    ssh $pc 'cat > /etc/apt/preferences.d/{{ product }}' <<'PIN'
Package: {{ product }}
Pin: version {{ major }}.{{ minor }}.*
Pin-Priority: 1001
PIN
done
