old=$(ssh licences cat /etc/seats/licences.d/{{ rendering }}.lic | sed -n 's/.* EXPIRES=\([0-9-]*\) .*/\1/p')
sed -i -e "s/^\({{ rendering }},\)[0-9]*,\([0-9]*\),[0-9-]*/\1{{ old_seats }},\2,$old/" \
    -e 's/^\({{ counted }}\),[0-9]*/\1,3/' /root/report.csv
