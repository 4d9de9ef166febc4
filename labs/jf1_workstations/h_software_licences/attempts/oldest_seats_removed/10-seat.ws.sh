ssh licences sh -e <<'FREE'
handle=$(seats stat | sed -n 's/^ *\([0-9]*\)  {{ staff[0].login }}@.*/\1/p')
seats remove "$handle"
FREE
