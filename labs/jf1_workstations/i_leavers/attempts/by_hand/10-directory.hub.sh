ldapmodify -Q -Y EXTERNAL -H ldapi:/// >/dev/null <<'LDIF'
dn: uid={{ leaver }},ou=people,dc={{ company.domain.replace('.', ',dc=') }}
changetype: modify
delete: userPassword
LDIF
