# What comes from the internet gets SSH and the VPN, what comes out of the tunnel the intranet.
iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
iptables -A INPUT -i lo -j ACCEPT
iptables -A INPUT -i eth0 -j ACCEPT
iptables -A INPUT -i eth1 -p tcp --dport 22 -j ACCEPT
iptables -A INPUT -i eth1 -p udp --dport {{ vpn_port }} -j ACCEPT
iptables -P INPUT DROP
iptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
iptables -A FORWARD -i eth0 -j ACCEPT
iptables -A FORWARD -i tun0 -d {{ address.intranet.office }} -p tcp -m multiport --dports 22,80 -j ACCEPT
iptables -P FORWARD DROP
