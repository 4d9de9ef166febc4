{
    printf '*nat\n:POSTROUTING ACCEPT [0:0]\n-F POSTROUTING\n'
    printf -- '-A POSTROUTING -s {{ network.office }} -o eth2 -j MASQUERADE\nCOMMIT\n'
} >> /etc/ufw/before.rules
ufw default deny incoming
ufw default deny routed
ufw allow in on eth1 to any port 22 proto tcp
ufw route allow in on eth2 out on eth0 to {{ address.web.servers }} port 80,{{ ssh_port }} proto tcp
ufw route allow in on eth1 out on eth0 to {{ address.web.servers }} port 80,{{ ssh_port }},{{ console_port }} proto tcp
ufw route allow in on eth1 out on eth2 to any port 80,443 proto tcp
ufw route allow in on eth0 out on eth1 to {{ address.mirror.office }} port 8080 proto tcp
ufw --force enable
