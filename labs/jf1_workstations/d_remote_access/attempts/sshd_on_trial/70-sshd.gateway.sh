# The service's own configuration stays as it is, and comes back with the service.
cat > /root/sshd_on_trial <<'CONFIG'
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowUsers {{ jump }} {{ admin }}@{{ network.office }}

Match User {{ jump }}
    PermitOpen {{ address.intranet.office }}:22
    ForceCommand /usr/sbin/nologin
CONFIG
systemctl stop ssh
mkdir -p /run/sshd
/usr/sbin/sshd -f /root/sshd_on_trial
