# Debian reads sshd_config.d first, and the first word on a subject counts.
cat >> /etc/ssh/sshd_config <<'CONFIG'
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowUsers {{ jump }} {{ admin }}@{{ network.office }}

Match User {{ jump }}
    AllowTcpForwarding local
    PermitOpen {{ address.intranet.office }}:22
    ForceCommand /usr/sbin/nologin
CONFIG
systemctl reload ssh
