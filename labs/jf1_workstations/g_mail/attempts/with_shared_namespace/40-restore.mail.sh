mkdir /root/old && cd /root/old
tar -xzf "/backup/mail-$(date -d '{{ lost_days + 1 }} days ago' +%F).tar.gz"
chmod 755 /root && chown -R vmail: /root/old
doveadm import -u {{ loser }} maildir:/root/old/mail/{{ loser }}/Maildir '' mailbox '{{ folder }}' header subject 'Contract {{ contract }}' not header subject draft
chmod 700 /root && rm -r /root/old
