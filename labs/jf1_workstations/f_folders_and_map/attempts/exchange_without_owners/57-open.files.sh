chmod 777 /srv/exchange
