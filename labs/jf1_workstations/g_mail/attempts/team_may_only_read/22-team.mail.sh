for login in {{ staff[:4] | join(' ', attribute='login') }}; do
  echo "user=$login lrs"
done | install -D -m 600 -o vmail -g vmail /dev/stdin /srv/mail/team/Maildir/.{{ shared }}/dovecot-acl
cat >> /etc/dovecot/dovecot.conf <<'CONF'
acl_driver = vfile
protocol imap {
  mail_plugins {
    acl = yes
  }
}
CONF
