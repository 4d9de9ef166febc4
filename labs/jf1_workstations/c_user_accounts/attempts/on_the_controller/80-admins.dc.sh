samba-tool domain passwordsettings pso create admins 10 --min-pwd-length={{ admin_min_length }}
samba-tool domain passwordsettings pso apply admins 'Domain Admins'
