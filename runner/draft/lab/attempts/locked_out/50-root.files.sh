echo 'PermitRootLogin no' > /etc/ssh/sshd_config.d/20-company.conf
systemctl reload ssh
