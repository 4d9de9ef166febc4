mv /srv/departments /srv/shares
sed -i 's|/srv/departments|/srv/shares|' /etc/samba/smb.conf
