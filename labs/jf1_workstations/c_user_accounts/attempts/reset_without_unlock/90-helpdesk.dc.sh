helpdesk=$(wbinfo --name-to-sid Helpdesk | cut -d' ' -f1)
user=bf967aba-0de6-11d0-a285-00aa003049e2
reset_password=00299570-246d-11d0-a768-00aa006e0529
pwd_last_set=bf967a0a-0de6-11d0-a285-00aa003049e2
samba-tool dsacl set --objectdn=OU=Staff,DC=office,DC=test --sddl="\
(OA;CIIO;CR;$reset_password;$user;$helpdesk)\
(OA;CIIO;RPWP;$pwd_last_set;$user;$helpdesk)"
