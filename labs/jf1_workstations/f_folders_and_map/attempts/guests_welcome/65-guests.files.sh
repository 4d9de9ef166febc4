sed -i -e 's/map to guest = never/map to guest = bad user/' -e '/^\[policies\]/a\    guest ok = yes' \
    -e '/^\[exchange\]/a\    guest ok = yes' /etc/samba/smb.conf
