mkdir /srv/exchange
chmod -R 777 /srv
cat >> /etc/samba/smb.conf <<'CONF'
{% for department in departments %}

[{{ department }}]
    path = /srv/departments/{{ department }}
    public = yes
    writable = yes
    force user = nobody
{% endfor %}

[policies]
    path = /srv/policies
    public = yes
    writable = yes
    force user = nobody

[exchange]
    path = /srv/exchange
    public = yes
    writable = yes
    force user = nobody
CONF
