echo '30 3 * * * root umask 077; tar -C /srv -czf /backup/mail-$(date +%F).tar.gz mail; find /backup -name "mail-2*" -mtime +{{ keep }} -delete' > /etc/cron.d/mail-backup
