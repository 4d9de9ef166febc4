cat > /etc/packet-filter.rules <<'RULES'
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A INPUT -i eth1 -p tcp --dport 22 -j ACCEPT
-A INPUT -j REJECT --reject-with icmp-admin-prohibited
-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A FORWARD -i eth2 -o eth0 -d {{ address.web.servers }} -p tcp -m multiport --dports 80,{{ ssh_port }} -j ACCEPT
-A FORWARD -i eth1 -o eth0 -d {{ address.web.servers }} -p tcp -m multiport --dports 80,{{ ssh_port }},{{ console_port }} -j ACCEPT
-A FORWARD -i eth1 -o eth2 -p tcp -m multiport --dports 80,443 -j ACCEPT
-A FORWARD -i eth0 -o eth1 -d {{ address.mirror.office }} -p tcp --dport 8080 -j ACCEPT
-A FORWARD -p tcp -j REJECT --reject-with tcp-reset
COMMIT
*nat
-A POSTROUTING -o eth2 -s {{ network.office }} -j SNAT --to-source {{ address.gateway.internet }}
COMMIT
RULES
cat > /etc/systemd/system/packet-filter.service <<'UNIT'
[Unit]
Description=Packet filter
Before=network-pre.target
Wants=network-pre.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/iptables-restore /etc/packet-filter.rules

[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now packet-filter
