for pc in {{ places[0] }} {{ places[1] }}; do
    ssh $pc 'cat > /etc/apt/preferences.d/archive' <<'PIN'
Package: *
Pin: release l={{ company.name }}
Pin-Priority: 1
PIN
done
