samba-tool group add '{{ departments[2] }}' --groupou=OU=Groups \
    -H ldap://dc.office.test --use-kerberos=required
ldapmodify -Q -Y GSSAPI <<END
{% for who in newcomers + (contractor,) %}
dn: CN={{ departments[loop.index0 % 3] }},OU=Groups,DC=office,DC=test
changetype: modify
add: member
member: CN={{ who.name }},OU=Staff,DC=office,DC=test

{% endfor %}
END
