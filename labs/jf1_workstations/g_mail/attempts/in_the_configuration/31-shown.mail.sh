cat >> /etc/dovecot/dovecot.conf <<'CONF'
protocol imap {
  mail_plugins {
    quota = yes
    imap_quota = yes
  }
}
CONF
