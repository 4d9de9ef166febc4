cat > /usr/local/bin/warn <<'SH'
#!/bin/sh
printf 'From: postmaster\nTo: %s\nSubject: %s %% of your mailbox is used\n\nPlease tidy up.\n' "$1" {{ warn_at }} |
  /usr/lib/dovecot/dovecot-lda -d "$1" -o quota_enforce=no
SH
chmod 755 /usr/local/bin/warn
mkdir -p /etc/dovecot/conf.d
echo '!include conf.d/35-warning.conf' >> /etc/dovecot/dovecot.conf
cat > /etc/dovecot/conf.d/35-warning.conf <<'CONF'
quota mailbox {
  warning level {
    quota_storage_percentage = {{ warn_at }}
    execute warn {
      args = %{user}
    }
  }
}
service warn {
  executable = script /usr/local/bin/warn
  user = vmail
  unix_listener warn {
    user = vmail
  }
}
service auth {
  unix_listener auth-userdb {
    user = vmail
  }
}
CONF
