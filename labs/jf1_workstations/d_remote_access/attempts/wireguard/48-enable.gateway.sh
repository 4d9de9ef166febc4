# From now on at every start.
systemctl enable --quiet nftables
