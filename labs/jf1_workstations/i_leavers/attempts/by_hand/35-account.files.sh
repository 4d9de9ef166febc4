# Neither by password nor by key: the account is over.
usermod --lock --expiredate 1 {{ leaver }}
