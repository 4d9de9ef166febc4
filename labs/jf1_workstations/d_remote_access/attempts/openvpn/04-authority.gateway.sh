# A certificate authority, and a server with its certificate on the port that is let through.
make-cadir /etc/openvpn/authority
cd /etc/openvpn/authority
export EASYRSA_BATCH=1 EASYRSA_ALGO=ec
{
    ./easyrsa init-pki
    ./easyrsa build-ca nopass
    ./easyrsa build-server-full gateway nopass
    ./easyrsa gen-crl
} > /var/log/easyrsa.log 2>&1
openvpn --genkey tls-crypt pki/tls-crypt.key
install -m 600 pki/ca.crt pki/crl.pem pki/tls-crypt.key pki/issued/gateway.crt \
    pki/private/gateway.key /etc/openvpn/server

cat > /etc/openvpn/server/office.conf <<'CONFIG'
port {{ vpn_port }}
proto udp
dev tun0
topology subnet
server {{ vpn_net }}.0 255.255.255.0
push "route {{ address.intranet.office }} 255.255.255.255"
ca ca.crt
cert gateway.crt
key gateway.key
crl-verify crl.pem
tls-crypt tls-crypt.key
dh none
keepalive 10 60
CONFIG
