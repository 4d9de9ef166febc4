sed -i 's/^ *iifname $office oifname $internet masquerade/        masquerade/' /etc/nftables.conf
systemctl reload nftables
