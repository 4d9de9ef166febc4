rm -r '/srv/mail/{{ loser }}/Maildir/.{{ folder }}'
tar -C /srv -xzf "/backup/mail-$(date -d '{{ lost_days }} days ago' +%F).tar.gz" 'mail/{{ loser }}/Maildir/.{{ folder }}'
