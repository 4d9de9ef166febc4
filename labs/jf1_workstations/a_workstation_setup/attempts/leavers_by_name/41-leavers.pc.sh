echo 'DenyUsers {{ former | join(' ', attribute='login') }}' > /etc/ssh/sshd_config.d/left.conf
systemctl reload ssh
