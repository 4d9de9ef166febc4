echo 'DenyUsers {{ bench }}' > /etc/ssh/sshd_config.d/bench.conf
systemctl reload ssh
