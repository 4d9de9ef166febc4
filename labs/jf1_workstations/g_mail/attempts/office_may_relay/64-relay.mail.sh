postconf -e 'mynetworks = 127.0.0.0/8 {{ network.office }}'
postfix reload
