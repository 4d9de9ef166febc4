for number in 12 22; do
    wg set wg0 peer "$(wg show wg0 allowed-ips | sed -n "s|\t{{ vpn_net }}.$number/32$||p")" remove
done
