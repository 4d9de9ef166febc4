{% set base = 'dc=' ~ company.domain.replace('.', ',dc=') %}
cat > /etc/sssd/conf.d/people.conf <<'SSSD'
[domain/office]
ldap_user_search_base = ou=people,{{ base }}
SSSD
chmod 600 /etc/sssd/conf.d/people.conf
