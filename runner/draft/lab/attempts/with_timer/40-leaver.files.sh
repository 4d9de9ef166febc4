usermod --lock --expiredate 1 {{ leaver.login }}
