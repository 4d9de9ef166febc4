# Keys only, the administrator from the office only, and laptops through to the intranet only.
rm /etc/ssh/sshd_config.d/20-office.conf
cat > /etc/ssh/sshd_config.d/20-remote-access.conf <<'CONFIG'
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
AllowUsers {{ jump }} {{ admin }}@{{ network.office }}

Match User {{ jump }}
    AllowTcpForwarding local
    PermitOpen {{ address.intranet.office }}:22
    AllowAgentForwarding no
    X11Forwarding no
    PermitTTY no
    ForceCommand /usr/sbin/nologin
CONFIG
sshd -t
systemctl reload ssh
