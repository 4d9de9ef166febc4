export BORG_PASSCOMMAND='cat /etc/backup/passphrase'
export BORG_CHECK_I_KNOW_WHAT_I_AM_DOING=YES
borg check --repair ssh://borg@annex/srv/vault/{{ corrupt }}
backup-department {{ corrupt }}
