cat > /usr/local/bin/nearly-full <<'SH'
#!/bin/sh
/usr/sbin/sendmail -f postmaster@{{ company.domain }} "$2@{{ company.domain }}" <<MAIL
From: postmaster@{{ company.domain }}
To: $2@{{ company.domain }}
Subject: Your mailbox is nearly full

More than $1 % of your mailbox is used. Please delete what you do not need.
MAIL
SH
chmod 755 /usr/local/bin/nearly-full
cat >> /etc/dovecot/dovecot.conf <<'CONF'
quota "User quota" {
  warning nearly_full {
    quota_storage_percentage = {{ warn_at }}
    execute quota-warning {
      args = {{ warn_at }} %{user}
    }
  }
}
service quota-warning {
  executable = script /usr/local/bin/nearly-full
  user = vmail
  unix_listener quota-warning {
    user = vmail
    mode = 0600
  }
}
CONF
