export BORG_PASSCOMMAND='cat /etc/backup/passphrase'
export BORG_DELETE_I_KNOW_WHAT_I_AM_DOING=YES
borg delete --force ssh://borg@annex/srv/vault/{{ corrupt }}
borg init --encryption repokey-blake2 ssh://borg@annex/srv/vault/{{ corrupt }}
