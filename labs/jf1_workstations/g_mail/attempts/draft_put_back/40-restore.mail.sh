cd /root && tar -xzf "/backup/mail-$(date -d '{{ lost_days + 3 }} days ago' +%F).tar.gz"
file=$(grep -rl 'Subject: Contract {{ contract }}' mail/{{ loser }}/Maildir/.{{ folder }} | head -n 1)
cp "$file" /srv/mail/{{ loser }}/Maildir/.{{ folder }}/cur/
rm -r mail
