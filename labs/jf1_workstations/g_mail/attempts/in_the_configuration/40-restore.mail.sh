cd /root && tar -xzf "/backup/mail-$(date -d '{{ lost_days }} days ago' +%F).tar.gz"
file=$(grep -rlx 'Subject: Contract {{ contract }}' mail/{{ loser }}/Maildir/.{{ folder }})
cp "$file" /srv/mail/{{ loser }}/Maildir/.{{ folder }}/cur/
rm -r mail
