echo '{{ shared }}@{{ company.domain }} {% for one in staff[:4] %}{{ one.login }}@{{ company.domain }} {% endfor %}' >> /etc/postfix/aliases
