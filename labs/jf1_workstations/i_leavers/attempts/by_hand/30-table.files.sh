crontab -r -u {{ leaver }}
