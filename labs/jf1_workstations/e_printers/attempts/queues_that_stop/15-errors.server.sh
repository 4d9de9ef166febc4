sed -i 's/^ErrorPolicy .*/ErrorPolicy stop-printer/' /etc/cups/cupsd.conf
systemctl restart cups
