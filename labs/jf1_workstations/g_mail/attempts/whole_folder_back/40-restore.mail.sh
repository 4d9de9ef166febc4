tar -C /srv -xzf "/backup/mail-$(date -d '{{ lost_days }} days ago' +%F).tar.gz" 'mail/{{ loser }}/Maildir/.{{ folder }}/cur'
