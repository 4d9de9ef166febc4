ldapadd -Q -Y GSSAPI <<END
dn: CN={{ service }},OU=IT,DC=office,DC=test
objectClass: user
sAMAccountName: {{ service }}
userAccountControl: 66048
unicodePwd:: $(printf '"%s"' '{{ service_password }}' | iconv -t UTF-16LE | base64 -w0)
END
