ssh licences "echo 'LINGER {{ drawing }} 3600' >> /etc/seats/options"
