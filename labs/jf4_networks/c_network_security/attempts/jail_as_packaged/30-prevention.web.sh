systemctl enable --now fail2ban
