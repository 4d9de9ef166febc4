{% set at = '@' ~ company.domain %}
sed -i 's/^{{ leaver }}{{ at }} .*/{{ leaver }}{{ at }}    {{ manager }}{{ at }}/' /etc/postfix/aliases
