systemctl enable --now clamav-freshclam
