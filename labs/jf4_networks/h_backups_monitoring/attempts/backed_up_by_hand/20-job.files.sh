export BORG_PASSCOMMAND='cat /etc/backup/passphrase'
cd /srv/departments/{{ stopped }}
borg create ssh://borg@annex/srv/vault/{{ stopped }}::by-hand .
