postmap /etc/postfix/aliases
