# Take back the loan laptop's certificate, and give the server the new list of those.
cd /etc/openvpn/authority
export EASYRSA_BATCH=1
{
    ./easyrsa revoke {{ loan }}
    ./easyrsa gen-crl
} >> /var/log/easyrsa.log 2>&1
install -m 600 pki/crl.pem /etc/openvpn/server
