mkdir -p /etc/dovecot/conf.d
echo '!include conf.d/30-quota.conf' >> /etc/dovecot/dovecot.conf
cat > /etc/dovecot/conf.d/30-quota.conf <<'CONF'
mail_plugins {
  quota = yes
}
quota mailbox {
}
quota_storage_size = {{ limit * 1000 * 1000 }}
quota_storage_grace = 0
protocol imap {
  mail_plugins {
    quota = yes
    imap_quota = yes
  }
}
CONF
