systemctl enable --now sssd
