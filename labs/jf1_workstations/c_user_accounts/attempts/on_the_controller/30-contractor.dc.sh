# The directory counts tenths of microseconds since 1601.
end=$(( ($(date -ud '{{ last_day }} + 1 day' +%s) + 11644473600) * 10000000 ))
ldbmodify -H /var/lib/samba/private/sam.ldb <<END
dn: CN={{ contractor.name }},OU=Staff,DC=office,DC=test
changetype: modify
replace: accountExpires
accountExpires: $end
END
