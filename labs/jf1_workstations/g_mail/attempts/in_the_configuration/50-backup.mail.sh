cat > /usr/local/sbin/nightly <<'SH'
#!/bin/sh
umask 077
tar -C "$FROM" -czf "$TO/$WHAT-$(date +%F).tar.gz" "$WHAT"
SH
chmod 755 /usr/local/sbin/nightly
