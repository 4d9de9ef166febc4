echo '15 2 * * 1-5 root /usr/local/bin/save-mail' > /etc/cron.d/save-mail
