cat > /etc/nftables.conf <<'RULES'
#!/usr/sbin/nft -f
flush ruleset

table inet filter {
    chain input {
        type filter hook input priority filter; policy accept;
        iifname { "eth0", "eth2" } tcp dport 22 drop
    }
    chain forward {
        type filter hook forward priority filter; policy accept;
        ct state established,related accept
        tcp dport {{ status_port }} drop
        iifname "eth2" tcp dport { {{ console_port }}, 22, 8080 } drop
        iifname "eth0" oifname "eth2" tcp dport { 25, 80, 443 } drop
        iifname "eth0" tcp dport 22 drop
        iifname "eth1" oifname "eth2" tcp dport 25 drop
    }
}

table ip nat {
    chain postrouting {
        type nat hook postrouting priority srcnat;
        oifname "eth2" masquerade
    }
}
RULES
systemctl enable --now nftables
