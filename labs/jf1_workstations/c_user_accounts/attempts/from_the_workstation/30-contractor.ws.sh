days=$(( ($(date -d '{{ last_day }} + 1 day' +%s) - $(date -d today +%s)) / 86400 + 1 ))
samba-tool user setexpiry {{ contractor.login }} --days=$days \
    -H ldap://dc.office.test --use-kerberos=required
