sed -i '/^{{ staff[0].login }}:/s/$/userdb_quota_storage_size={{ roomy }}M/' /etc/dovecot/users
