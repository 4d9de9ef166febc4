systemctl enable --now tidy-scans.timer
