sed -i 's/iifname "wg0" .*/iifname "wg0" accept/' /etc/nftables.conf
nft -f /etc/nftables.conf
