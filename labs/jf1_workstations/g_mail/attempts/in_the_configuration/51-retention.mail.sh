cat >> /usr/local/sbin/nightly <<'SH'
oldest=$(date -d "$DAYS days ago" +%F)
for file in "$TO/$WHAT"-[0-9]*.tar.gz; do
  day=${file#"$TO/$WHAT-"}
  [ "${day%.tar.gz}" \> "$oldest" ] || rm -- "$file"
done
SH
