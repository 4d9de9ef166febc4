ssh hub cat /etc/ldap/tls/ca.pem | ssh pc 'cat > /etc/ssl/certs/office-ca.pem'
