ssh licences sh -e <<'LINGER'
echo 'LINGER {{ drawing }} 3600' >> /etc/seats/options
echo 'LINGER {{ rendering }} 3600' >> /etc/seats/options
LINGER
