echo 'DenyUser {{ leaver }}' > /etc/ssh/sshd_config.d/50-leavers.conf
