ldapmodify -Q -Y EXTERNAL -H ldapi:/// >/dev/null <<'LDIF'
dn: cn={{ departments[0] }},ou=groups,dc={{ company.domain.replace('.', ',dc=') }}
changetype: modify
delete: memberUid
memberUid: {{ leaver }}
LDIF
