{% set at = '@' ~ company.domain %}
sed -i '/^{{ leaver }}{{ at }} /d' /etc/postfix/aliases
postconf -e 'recipient_canonical_maps = inline:{ { {{ leaver }}{{ at }} = {{ manager }}{{ at }} } }'
postfix reload
