cat > /etc/samba/smb.conf <<'CONF'
[global]
    workgroup = OFFICE
    server role = standalone server
    map to guest = never
    logging = file
    log file = /var/log/samba/log.%m
    load printers = no
    disable spoolss = yes

[homes]
    browseable = no
    read only = no
    valid users = %S
    create mask = 0600
    directory mask = 0700
{% for department in departments %}

[{{ department }}]
    path = /srv/departments/{{ department }}
    valid users = @{{ department }} @management
    write list = @{{ department }}
    force group = {{ department }}
    create mask = 0660
    force create mode = 0660
    force directory mode = 2770
{% endfor %}

[policies]
    path = /srv/policies
    write list = @management
    force create mode = 0664
    force directory mode = 2775

[exchange]
    path = /srv/exchange
    read only = no
    create mask = 0644
    directory mask = 0755
CONF
