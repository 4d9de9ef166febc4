cat >> /usr/local/sbin/mail-backup <<'SH'
oldest=$(date -d '{{ keep }} days ago' +%F)
for file in /backup/mail-[0-9]*.tar.gz; do
  day=${file#/backup/mail-}
  [ "${day%.tar.gz}" \> "$oldest" ] || rm -- "$file"
done
SH
