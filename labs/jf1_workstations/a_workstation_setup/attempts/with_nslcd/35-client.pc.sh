{% set base = 'dc=' ~ company.domain.replace('.', ',dc=') %}
cat > /etc/nslcd.conf <<'NSLCD'
uid nslcd
gid nslcd
uri ldap://hub.{{ company.domain }}/
ssl start_tls
tls_cacertfile /etc/ssl/certs/ca-certificates.crt
base {{ base }}
base passwd ou=people,{{ base }}
base shadow ou=people,{{ base }}
NSLCD
systemctl restart nslcd
