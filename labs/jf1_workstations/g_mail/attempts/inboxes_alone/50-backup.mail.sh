cat > /usr/local/sbin/mail-backup <<'SH'
#!/bin/bash
umask 077
cd /srv && tar -czf "/backup/mail-$(date +%F).tar.gz" mail/*/Maildir/{cur,new}
SH
chmod 755 /usr/local/sbin/mail-backup
