systemctl disable --now backup@{{ stopped }}.timer
cat > /etc/backup/{{ stopped }}.conf <<'CONF'
SOURCE=/srv/departments/{{ stopped }}
REPOSITORY=ssh://borg@annex/srv/vault/{{ stopped }}
PASSPHRASE_FILE=/etc/backup/passphrase
CONF
systemd-run --on-calendar "*-*-* 02:30" backup-department {{ stopped }}
backup-department {{ stopped }}
