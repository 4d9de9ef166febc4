cat > /usr/local/sbin/nightly <<'SH'
#!/bin/bash
umask 077
cd /srv && tar -czf "/backup/mail-$(date +%F).tar.gz" mail/*/Maildir/{cur,new}
SH
chmod 755 /usr/local/sbin/nightly
