ssh licences "echo 'INCLUDE {{ drawing }} USER {{ staff[4].login }}' >> /etc/seats/options"
