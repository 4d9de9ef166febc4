ssh licences sh -e <<'FREE'
for handle in $(seats stat | sed -n 's/^  *\([0-9]*\)  .*/\1/p'); do seats remove $handle; done
FREE
