cat > /etc/sssd/conf.d/leavers.conf <<'SSSD'
[domain/office]
access_provider = ldap
ldap_access_order = filter
ldap_access_filter = (!(shadowExpire=*))
SSSD
chmod 600 /etc/sssd/conf.d/leavers.conf
