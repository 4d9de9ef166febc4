sed -i 's/quota_storage_percentage = .*/quota_storage_percentage = 50/' /etc/dovecot/dovecot.conf
