usermod --lock --expiredate 1 {{ bench }}
