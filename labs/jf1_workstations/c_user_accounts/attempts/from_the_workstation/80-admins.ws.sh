directory='-H ldap://dc.office.test --use-kerberos=required'
samba-tool domain passwordsettings pso create admins 10 $directory \
    --min-pwd-length={{ admin_min_length }}
samba-tool domain passwordsettings pso apply admins 'Domain Admins' $directory
