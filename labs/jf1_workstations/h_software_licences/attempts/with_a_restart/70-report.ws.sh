cat > /root/report.csv <<REPORT
Product, Denied, Expires, Installed, Bought

# by machine
{{ counted | upper }}, 0, never, {{ counted_number }}, {{ counted_number }}
{{ scanned }}, 0, Never, 1, 1
# by seats
"{{ rendering }}",{{ denied_rendering }},$(sed -n 's/.* EXPIRES=\([0-9-]*\) .*/\1/p' /root/ticket/attachments/T-{{ serials[4] }}.lic),{{ rendering_on | length }},{{ renewed_seats }}
{{ drawing }},{{ denied_drawing }},$(ssh licences cat /etc/seats/licences.d/{{ drawing }}.lic | sed -n 's/.* EXPIRES=\([0-9-]*\) .*/\1/p'),{{ drawing_on | length }},{{ drawing_seats }}
REPORT
