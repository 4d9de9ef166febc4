# A key pair, a peer and a profile for each of the two laptops.
cd /etc/wireguard
umask 077
mkdir profiles
for number in {{ fresh_number }} {{ loan_number }}; do
    key=$(wg genkey)
    cat >> wg0.conf <<PEER

# nb-$number
[Peer]
PublicKey = $(echo "$key" | wg pubkey)
AllowedIPs = {{ vpn_net }}.$number/32
PEER
    cat > profiles/nb-$number.conf <<PROFILE
[Interface]
Address = {{ vpn_net }}.$number/32
PrivateKey = $key

[Peer]
PublicKey = $(wg show wg0 public-key)
Endpoint = {{ address.gateway.internet }}:{{ vpn_port }}
AllowedIPs = {{ address.intranet.office }}/32
PersistentKeepalive = 25
PROFILE
done
systemctl reload wg-quick@wg0
