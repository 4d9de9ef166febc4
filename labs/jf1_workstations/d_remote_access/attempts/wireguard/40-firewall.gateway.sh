# What comes from the internet gets SSH and the VPN, what comes out of the tunnel the intranet.
cat > /etc/nftables.conf <<'RULES'
#!/usr/sbin/nft -f
flush ruleset

table inet filter {
    chain input {
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        iifname { "lo", "eth0" } accept
        icmp type echo-request accept
        iifname "eth1" tcp dport 22 accept
        iifname "eth1" udp dport {{ vpn_port }} accept
    }

    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        iifname "eth0" accept
        iifname "wg0" ip daddr {{ address.intranet.office }} tcp dport { 22, 80 } accept
    }
}
RULES
nft -f /etc/nftables.conf
