cat > /etc/fail2ban/jail.local <<'JAIL'
[sshd]
enabled = true
port = {{ ssh_port }}
maxretry = 5
findtime = 10m
bantime = 1h
JAIL
systemctl enable --now fail2ban
