systemctl disable --now postgresql
