{% set at = '@' ~ company.domain %}
sed -i 's/^{{ leaver }}{{ at }} .*/{{ leaver }}{{ at }}    {{ manager }}{{ at }},{{ private }}/' /etc/postfix/aliases
