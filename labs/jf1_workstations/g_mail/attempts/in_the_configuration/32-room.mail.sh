sed -i '/^{{ staff[1].login }}:/s/$/userdb_quota_storage_size={{ roomy }}M/' /etc/dovecot/users
