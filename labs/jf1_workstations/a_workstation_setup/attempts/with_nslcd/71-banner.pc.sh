sed -i 's|^#Banner.*|Banner /etc/ssh/notice|' /etc/ssh/sshd_config
systemctl restart ssh
