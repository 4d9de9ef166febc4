grep '^joins' /root/hr/changes.csv | while IFS=, read -r _ given family department password _; do
    login=$(echo "$(echo "$given" | cut -c1)$family" | tr '[:upper:]' '[:lower:]')
    cat <<END
dn: CN=$given $family,OU=Staff,DC=office,DC=test
objectClass: user
sAMAccountName: $login
userPrincipalName: $login@office.test
givenName: $given
sn: $family
displayName: $given $family
department: $department
userAccountControl: 512
unicodePwd:: $(printf '"%s"' "$password" | iconv -t UTF-16LE | base64 -w0)
pwdLastSet: 0

END
done | ldapadd -Q -Y GSSAPI
