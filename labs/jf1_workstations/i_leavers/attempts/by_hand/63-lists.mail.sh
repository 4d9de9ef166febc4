sed -i 's/, {{ private }}//' /etc/postfix/aliases
