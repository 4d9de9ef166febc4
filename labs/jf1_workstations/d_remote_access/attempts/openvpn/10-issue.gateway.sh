# A certificate and a profile for each laptop that is in use, and for the one on loan.
cd /etc/openvpn/authority
export EASYRSA_BATCH=1 EASYRSA_ALGO=ec
mkdir profiles
for device in {{ kept }} {{ fresh }} {{ loan }}; do
    ./easyrsa build-client-full $device nopass >> /var/log/easyrsa.log 2>&1
    cat > profiles/$device.ovpn <<PROFILE
client
dev tun
proto udp
remote {{ address.gateway.internet }} {{ vpn_port }}
nobind
remote-cert-tls server
<ca>
$(cat pki/ca.crt)
</ca>
<cert>
$(openssl x509 -in pki/issued/$device.crt)
</cert>
<key>
$(cat pki/private/$device.key)
</key>
<tls-crypt>
$(cat pki/tls-crypt.key)
</tls-crypt>
PROFILE
done
