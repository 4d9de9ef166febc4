# Its inbox is a folder in a tree that is nobody's.
echo '{{ shared }}:{CRYPT}*:vmail:vmail::/srv/mail/{{ shared }}::userdb_mail_path=/srv/mail/team/Maildir/.{{ shared }}' >> /etc/dovecot/users
install -d -m 700 -o vmail -g vmail /srv/mail/{{ shared }} /srv/mail/team /srv/mail/team/Maildir
for part in '' /cur /new /tmp; do
  install -d -m 700 -o vmail -g vmail /srv/mail/team/Maildir/.{{ shared }}$part
done
cat >> /etc/dovecot/dovecot.conf <<'CONF'
namespace team {
  type = public
  prefix = Team.
  separator = .
  mail_path = /srv/mail/team/Maildir
  subscriptions = no
}
CONF
