useradd --no-create-home --shell /usr/sbin/nologin together
sed -i 's/^ *force group = .*/&\n    force user = together/' /etc/samba/smb.conf
