cat > /etc/monit/conf.d/database <<'CONF'
set daemon 1
set mailserver annex
set alert {{ oncall.login }}@{{ company.domain }}
check process postgresql with pidfile /run/postgresql/17-main.pid
    if does not exist then alert
CONF
systemctl enable --now monit
