cat > /tmp/shares <<'CONF'
[global]
    server role = standalone server
    restrict anonymous = 2
    inherit acls = yes
    create mask = 0775
    directory mask = 0775

[homes]
    browseable = no
    read only = no
    valid users = %S
{% for department in departments %}

[{{ department }}]
    path = /srv/departments/{{ department }}
    read only = no
{% endfor %}

[policies]
    path = /srv/policies
    read only = no

[exchange]
    path = /srv/exchange
    read only = no
CONF
net conf import /tmp/shares
printf '[global]\n    config backend = registry\n' > /etc/samba/smb.conf
