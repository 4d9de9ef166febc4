systemctl enable --now cups.service
