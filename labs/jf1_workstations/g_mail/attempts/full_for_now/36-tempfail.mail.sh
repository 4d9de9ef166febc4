echo 'quota_full_tempfail = yes' >> /etc/dovecot/dovecot.conf
