export BORG_PASSCOMMAND='cat /etc/backup/passphrase'
export BORG_DELETE_I_KNOW_WHAT_I_AM_DOING=YES
for department in {{ departments | join(' ') }}; do
    borg delete --force "ssh://borg@annex/srv/vault/$department"
    borg init --encryption repokey-blake2 "ssh://borg@annex/srv/vault/$department"
    backup-department "$department"
done
