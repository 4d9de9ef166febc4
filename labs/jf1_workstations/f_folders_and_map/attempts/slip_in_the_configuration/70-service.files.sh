systemctl enable --now smbd || true
