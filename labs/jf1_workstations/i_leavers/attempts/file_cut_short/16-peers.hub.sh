sed -i '/^\[Peer\]/,$d' /etc/wireguard/wg0.conf
