cat > /usr/local/sbin/call-out <<'SCRIPT'
#!/bin/sh
printf 'Subject: PostgreSQL on %s is down\n\nSee journalctl -u postgresql@17-main there.\n' "$(hostname)" |
    curl -s smtp://annex --mail-from "root@$(hostname)" \
        --mail-rcpt {{ oncall.login }}@{{ company.domain }} --upload-file -
SCRIPT
chmod 755 /usr/local/sbin/call-out
cat > /etc/systemd/system/call-out.service <<'UNIT'
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/call-out
UNIT
mkdir -p /etc/systemd/system/postgresql@17-main.service.d
cat > /etc/systemd/system/postgresql@17-main.service.d/call-out.conf <<'UNIT'
[Unit]
OnFailure=call-out.service
UNIT
systemctl daemon-reload
