sed -i '/,{{ pc }}$/d' /etc/office/reservations
