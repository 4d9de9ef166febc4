sed -i 's/^\[exchange\]/[exchange/' /etc/samba/smb.conf
