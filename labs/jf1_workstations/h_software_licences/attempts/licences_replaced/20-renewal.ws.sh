ssh licences 'rm /etc/seats/licences.d/*.lic; cat > /etc/seats/licences.d/renewal.lic' \
    < /root/ticket/attachments/T-{{ serials[4] }}.lic
