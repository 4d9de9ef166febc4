sed -i 's/tcp dport 22 accept/tcp dport { 22, {{ status_port }} } accept/' /etc/nftables.conf
nft -f /etc/nftables.conf
