sed -i -E 's/^(passwd|group):.*/& ldap/' /etc/nsswitch.conf
