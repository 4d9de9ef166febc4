sed -i -e 's/{ "lo", "eth0" }/"lo"/' -e '/iifname "eth0" accept/d' -e 's/iifname "eth1" tcp/tcp/' \
    /etc/nftables.conf
nft -f /etc/nftables.conf
