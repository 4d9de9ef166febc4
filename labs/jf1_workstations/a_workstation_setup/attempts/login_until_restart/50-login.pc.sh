systemctl start sssd
