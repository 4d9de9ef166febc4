cat > /etc/nftables.conf <<'RULES'
#!/usr/sbin/nft -f
flush ruleset

define servers = "eth0"
define office = "eth1"
define internet = "eth2"
define web = {{ address.web.servers }}
define mirror = {{ address.mirror.office }}

table inet filter {
    chain input {
        type filter hook input priority filter; policy drop;
        iif lo accept
        ct state established,related accept
        icmp type echo-request accept
        iifname $office tcp dport 22 accept
    }
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        iifname $internet oifname $servers ip daddr $web tcp dport { 80, {{ ssh_port }} } accept
        iifname $office oifname $servers ip daddr $web tcp dport { 80, {{ ssh_port }}, {{ console_port }} } accept
        iifname $office oifname $internet tcp dport { 80, 443 } accept
        iifname $servers oifname $office ip daddr $mirror tcp dport 8080 accept
    }
}

table ip nat {
    chain postrouting {
        type nat hook postrouting priority srcnat;
        iifname $office oifname $internet masquerade
    }
}
RULES
systemctl enable --now nftables
