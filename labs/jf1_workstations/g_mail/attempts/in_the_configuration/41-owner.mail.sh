chown -R vmail: /srv/mail/{{ loser }}
