sed -i 's/udp dport {{ vpn_port }} accept/udp dport { 53, {{ vpn_port }} } accept/' /etc/nftables.conf
nft -f /etc/nftables.conf
