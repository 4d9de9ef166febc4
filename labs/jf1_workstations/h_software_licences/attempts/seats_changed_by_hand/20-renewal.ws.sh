ssh licences "sed -i 's/EXPIRES=20../EXPIRES=2099/; s/SEATS=./SEATS={{ renewed_seats }}/' \
    /etc/seats/licences.d/{{ rendering }}.lic"
