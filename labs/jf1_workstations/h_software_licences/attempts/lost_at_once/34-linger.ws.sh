ssh licences "printf 'LINGER %s 5\n' {{ drawing }} {{ rendering }} >> /etc/seats/options"
