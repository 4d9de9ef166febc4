helpdesk=$(wbinfo --name-to-sid Helpdesk | cut -d' ' -f1)
samba-tool dsacl set --objectdn=OU=Staff,DC=office,DC=test --sddl="(A;CI;GA;;;$helpdesk)"
