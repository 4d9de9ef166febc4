systemctl --quiet disable nftables suricata
