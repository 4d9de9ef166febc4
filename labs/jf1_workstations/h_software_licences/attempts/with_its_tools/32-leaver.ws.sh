ssh licences sh -e <<'LEAVER'
sed -i 's/ {{ leaver.login }}$//' /etc/seats/options
echo 'EXCLUDE {{ drawing }} USER {{ leaver.login }}' >> /etc/seats/options
echo 'EXCLUDE {{ rendering }} USER {{ leaver.login }}' >> /etc/seats/options
LEAVER
