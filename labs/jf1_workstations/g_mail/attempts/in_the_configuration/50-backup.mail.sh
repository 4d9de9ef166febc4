cat > /usr/local/sbin/mail-backup <<'SH'
#!/bin/sh
umask 077
tar -C /srv -czf "/backup/mail-$(date +%F).tar.gz" mail
SH
chmod 755 /usr/local/sbin/mail-backup
