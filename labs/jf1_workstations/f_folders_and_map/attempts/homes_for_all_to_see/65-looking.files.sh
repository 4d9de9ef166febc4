chmod 755 /home/*
sed -i -e '/valid users = %S/d' -e 's/create mask = 0600/create mask = 0644/' /etc/samba/smb.conf
