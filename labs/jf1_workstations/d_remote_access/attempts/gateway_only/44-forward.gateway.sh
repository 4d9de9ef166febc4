sed -i '/hook forward/s/drop/accept/' /etc/nftables.conf
nft -f /etc/nftables.conf
