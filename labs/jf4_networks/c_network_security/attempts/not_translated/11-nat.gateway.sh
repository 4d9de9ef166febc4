sed -i '/masquerade/d' /etc/nftables.conf
systemctl reload nftables
