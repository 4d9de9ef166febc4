sed -i 's|^ldap_tls_cacert = .*|ldap_tls_reqcert = never|' /etc/sssd/sssd.conf
