ssh licences sh -e <<'LEAVER'
sed -i 's/ {{ leaver.login }}$//' /etc/seats/options
{
    echo 'GROUP left {{ leaver.login }}'
    echo 'EXCLUDE {{ rendering }} GROUP left'
} >> /etc/seats/options
LEAVER
