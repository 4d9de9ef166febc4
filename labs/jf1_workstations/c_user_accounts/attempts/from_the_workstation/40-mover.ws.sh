ldapmodify -Q -Y GSSAPI <<END
dn: CN={{ departments[0] }},OU=Groups,DC=office,DC=test
changetype: modify
delete: member
member: CN={{ mover.name }},OU=Staff,DC=office,DC=test

dn: CN={{ departments[1] }},OU=Groups,DC=office,DC=test
changetype: modify
add: member
member: CN={{ mover.name }},OU=Staff,DC=office,DC=test
END
