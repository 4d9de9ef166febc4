cat > /etc/sssd/conf.d/leavers.conf <<'SSSD'
[domain/office]
access_provider = ldap
ldap_access_order = expire
ldap_account_expire_policy = shadow
SSSD
chmod 600 /etc/sssd/conf.d/leavers.conf
