ssh licences "echo 'RESERVE 1 {{ rendering }} USER {{ chief.login }}' >> /etc/seats/options"
