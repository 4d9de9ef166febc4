systemctl disable --now backup@{{ stopped }}.timer
cat > /etc/backup/{{ stopped }}.conf <<'CONF'
SOURCE=/srv/departments/{{ stopped }}
REPOSITORY=ssh://borg@annex/srv/vault/{{ stopped }}
PASSPHRASE_FILE=/etc/backup/passphrase
CONF
cat > /etc/cron.d/backup-{{ stopped }} <<'CONF'
30 2 * * * root /usr/local/sbin/backup-department {{ stopped }}
CONF
backup-department {{ stopped }}
