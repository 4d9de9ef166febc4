ssh licences "echo 'RESERVE {{ renewed_seats - 1 }} {{ rendering }} USER {{ chief.login }}' >> /etc/seats/options"
