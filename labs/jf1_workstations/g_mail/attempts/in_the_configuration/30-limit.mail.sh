cat >> /etc/dovecot/dovecot.conf <<'CONF'
mail_plugins {
  quota = yes
}
quota_storage_size = {{ limit }}M
quota "User quota" {
}
CONF
