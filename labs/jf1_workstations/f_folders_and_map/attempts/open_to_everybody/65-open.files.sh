chmod -R 777 /srv /home
sed -i -e '/valid users/d' -e '/write list/d' -e '/mask/d' -e '/mode/d' \
    -e 's|^ *path = .*|&\n    read only = no\n    create mask = 0777\n    directory mask = 0777|' /etc/samba/smb.conf
