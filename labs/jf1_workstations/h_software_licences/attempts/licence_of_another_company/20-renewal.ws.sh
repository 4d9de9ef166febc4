ssh licences 'cat > /etc/seats/licences.d/new.lic' < /root/ticket/attachments/T-{{ serials[3] }}.lic
