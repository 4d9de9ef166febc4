echo 'PermitRootLogin prohibit-password' > /etc/ssh/sshd_config.d/20-company.conf
