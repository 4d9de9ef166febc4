# Control access to "Reset Password", write pwdLastSet, write lockoutTime: on users below OU=Staff.
helpdesk=$(samba-tool group show Helpdesk --attributes=objectSid \
    -H ldap://dc.office.test --use-kerberos=required | sed -n 's/^objectSid: //p')
user=bf967aba-0de6-11d0-a285-00aa003049e2
for right in CR:00299570-246d-11d0-a768-00aa006e0529 WP:bf967a0a-0de6-11d0-a285-00aa003049e2 \
    WP:28630ebf-41d5-11d1-a9c1-0000f80367c1; do
    samba-tool dsacl set --objectdn=OU=Staff,DC=office,DC=test \
        --sddl="(OA;CIIO;${right%:*};${right#*:};$user;$helpdesk)" \
        -H ldap://dc.office.test --use-kerberos=required
done
