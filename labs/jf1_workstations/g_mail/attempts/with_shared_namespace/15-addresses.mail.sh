cat > /etc/postfix/people <<'ADDRESSES'
{{ alias }}@{{ company.domain }} {{ staff[1].login }}@{{ company.domain }} {{ staff[3].login }}@{{ company.domain }}
{{ leaver.login }}@{{ company.domain }} {{ staff[3].login }}@{{ company.domain }}
ADDRESSES
postconf -e 'virtual_alias_maps = hash:/etc/postfix/aliases, texthash:/etc/postfix/people'
postfix reload
