systemctl enable cups
