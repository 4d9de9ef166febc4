ssh licences systemctl enable seatd
