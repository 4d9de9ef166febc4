sed -i 's/^AllowUsers.*/AllowUsers {{ jump }}/' /etc/ssh/sshd_config.d/20-remote-access.conf
systemctl reload ssh
