systemctl --quiet disable fail2ban clamav-daemon.service clamav-daemon.socket clamav-freshclam
