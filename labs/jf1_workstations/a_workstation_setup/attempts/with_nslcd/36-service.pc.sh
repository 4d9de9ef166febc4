systemctl enable nslcd
