sed -i '/valid users/ s/ @management//' /etc/samba/smb.conf
