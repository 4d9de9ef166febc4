ldapmodify -Q -Y GSSAPI <<END
dn: CN={{ leaver.name }},OU=Staff,DC=office,DC=test
changetype: modify
replace: userAccountControl
userAccountControl: 514
END
