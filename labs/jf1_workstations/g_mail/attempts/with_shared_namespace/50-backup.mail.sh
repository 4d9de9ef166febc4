cat > /usr/local/bin/save-mail <<'SH'
#!/bin/bash
set -e
cd /srv
install -m 600 /dev/null "/backup/mail-$(date +%F).tar.gz"
tar --create --gzip mail > "/backup/mail-$(date +%F).tar.gz"
find /backup -maxdepth 1 -name 'mail-20??-??-??.tar.gz' -mtime +{{ keep }} -delete
SH
chmod +x /usr/local/bin/save-mail
