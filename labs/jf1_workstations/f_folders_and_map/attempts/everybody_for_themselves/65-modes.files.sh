sed -i -e '/force create mode/d' -e '/force directory mode/d' -e '/create mask = 0660/d' /etc/samba/smb.conf
