systemctl start systemd-networkd
timeout 20 sh -c 'until ip -4 -o addr show dev eth0 | grep -q inet; do sleep 0.2; done'
