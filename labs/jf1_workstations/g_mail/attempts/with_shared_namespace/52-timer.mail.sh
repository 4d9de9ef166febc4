echo '15 2 * * * root /usr/local/bin/save-mail' > /etc/cron.d/save-mail
