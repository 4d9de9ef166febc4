echo 'Banner /etc/issue.net' > /etc/ssh/sshd_config.d/notice.conf
systemctl reload ssh
