{% set base = 'dc=' ~ company.domain.replace('.', ',dc=') %}
cat > /etc/sssd/sssd.conf <<'SSSD'
[sssd]
services = nss, pam
domains = office

[domain/office]
id_provider = ldap
ldap_uri = ldaps://hub.{{ company.domain }}
ldap_tls_cacert = /etc/ssl/certs/office-ca.pem
ldap_search_base = {{ base }}
SSSD
chmod 600 /etc/sssd/sssd.conf
sed -i -E 's/^(passwd|group|shadow):.*/& sss/' /etc/nsswitch.conf
pam-auth-update --enable sss
