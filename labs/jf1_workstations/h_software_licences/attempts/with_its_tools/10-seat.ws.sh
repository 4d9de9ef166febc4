ssh licences sh -e <<'FREE'
handle=$(seats stat | sed -n 's/^ *\([0-9]*\)  {{ staff[3].login }}@nb-{{ notebooks[3] }} .*LOST.*/\1/p')
seats remove "$handle"
FREE
