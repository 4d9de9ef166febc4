ldapmodify -Q -Y EXTERNAL -H ldapi:/// >/dev/null <<'LDIF'
dn: cn=config
changetype: modify
replace: olcSecurity
olcSecurity: ssf=0

dn: olcDatabase={-1}frontend,cn=config
changetype: modify
replace: olcSecurity
olcSecurity: ssf=0
LDIF
