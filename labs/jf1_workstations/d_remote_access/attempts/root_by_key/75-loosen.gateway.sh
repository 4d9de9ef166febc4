sed -i -e 's/^PermitRootLogin.*/PermitRootLogin prohibit-password/' -e '/^AllowUsers/d' \
    /etc/ssh/sshd_config.d/20-remote-access.conf
systemctl reload ssh
