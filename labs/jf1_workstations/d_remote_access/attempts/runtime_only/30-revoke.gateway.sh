for device in {{ stolen }} {{ loan }}; do
    peer=$(grep -A 2 "^# $device" /etc/wireguard/wg0.conf | awk '/PublicKey/ { print $3 }')
    wg set wg0 peer "$peer" remove
done
