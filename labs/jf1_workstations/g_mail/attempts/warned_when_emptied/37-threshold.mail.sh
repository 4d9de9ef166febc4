sed -i '/quota_storage_percentage = /a threshold = under' /etc/dovecot/dovecot.conf
