# A mailbox like any other, into which nobody logs in: its owner shares it.
echo '{{ shared }}:{CRYPT}*:vmail:vmail::/srv/mail/{{ shared }}::' >> /etc/dovecot/users
install -d -m 700 -o vmail -g vmail /srv/mail/{{ shared }} /srv/mail/shares
mkdir -p /etc/dovecot/conf.d
echo '!include conf.d/20-shared.conf' >> /etc/dovecot/dovecot.conf
cat > /etc/dovecot/conf.d/20-shared.conf <<'CONF'
mail_plugins {
  acl = yes
}
acl_driver = vfile
acl_sharing_map {
  dict file {
    path = /srv/mail/shares/map
  }
}
namespace inbox {
  separator = /
}
namespace shared {
  type = shared
  separator = /
  prefix = shared/$user/
  mail_path = %{owner_home}/Maildir
  mail_index_private_path = ~/shared/%{owner_user}
  list = children
  subscriptions = no
}
CONF
# doveadm knows the plugins of the server that runs.
systemctl restart dovecot
for login in {{ staff[:4] | join(' ', attribute='login') }}; do
  doveadm acl set -u {{ shared }} INBOX "user=$login" lookup read write write-seen write-deleted insert expunge
done
