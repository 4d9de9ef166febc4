cd /etc/openvpn/authority
export EASYRSA_BATCH=1
./easyrsa revoke {{ loan }} >> /var/log/easyrsa.log 2>&1
