sed -i '/^{{ alias }}@/s/,.*//' /etc/postfix/aliases
