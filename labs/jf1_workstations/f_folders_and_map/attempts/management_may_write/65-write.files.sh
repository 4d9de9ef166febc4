sed -i '/valid users = @/,/write list/ s/write list = .*/& @management/' /etc/samba/smb.conf
