export BORG_PASSCOMMAND='cat /etc/backup/passphrase'
repository=ssh://borg@annex/srv/vault/{{ stopped }}
rm -r /srv/departments/{{ stopped }}/*
cd /srv/departments/{{ stopped }}
borg extract "$repository::$(borg list --last 1 --format '{archive}' "$repository")"
