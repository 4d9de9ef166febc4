{% set base = 'dc=' ~ company.domain.replace('.', ',dc=') %}
ldapmodify -Q -Y EXTERNAL -H ldapi:/// >/dev/null <<'LDIF'
dn: cn=module{0},cn=config
changetype: modify
add: olcModuleLoad
olcModuleLoad: ppolicy

dn: olcOverlay=ppolicy,olcDatabase={1}mdb,cn=config
changetype: add
objectClass: olcOverlayConfig
objectClass: olcPPolicyConfig
olcOverlay: ppolicy
olcPPolicyDefault: cn=standard,{{ base }}

dn: cn=standard,{{ base }}
changetype: add
objectClass: device
objectClass: pwdPolicy
cn: standard
pwdAttribute: userPassword
pwdLockout: TRUE

dn: uid={{ leaver }},ou=people,{{ base }}
changetype: modify
replace: pwdAccountLockedTime
pwdAccountLockedTime: 000001010000Z
LDIF
