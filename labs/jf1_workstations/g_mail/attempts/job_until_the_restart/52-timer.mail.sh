systemd-run --quiet --on-calendar='*-*-* 02:15:00' /usr/local/bin/save-mail
