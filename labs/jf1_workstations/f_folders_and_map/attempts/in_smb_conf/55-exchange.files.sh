install -d -m 1777 /srv/exchange
