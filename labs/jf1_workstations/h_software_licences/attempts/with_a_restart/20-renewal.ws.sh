ssh licences 'cat > /etc/seats/licences.d/{{ rendering }}.lic' \
    < /root/ticket/attachments/T-{{ serials[4] }}.lic
