sed -i '/^\[homes\]/,/^\[/ s/read only = no/read only = yes/' /etc/samba/smb.conf
