echo '{{ leaver }}' > /etc/dovecot/denied
cat >> /etc/dovecot/dovecot.conf <<'CONFIG'

passdb {
  driver = passwd-file
  args = /etc/dovecot/denied
  deny = yes
}
CONFIG
