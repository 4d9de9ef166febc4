{% set settings = '/etc/postgresql/17/main/conf.d/standby.conf' %}
{% if standby_fault == 'password' %}
echo 'db1:5432:replication:standby:{{ standby_password }}' > /var/lib/postgresql/standby.pgpass
{% elif standby_fault == 'name' %}
sed -i 's/host=db1-old/host=db1/' {{ settings }}
{% elif standby_fault == 'slot' %}
sed -i '/^primary_slot_name/d' {{ settings }}
{% elif standby_fault == 'delay' %}
sed -i '/^recovery_min_apply_delay/d' {{ settings }}
{% elif standby_fault == 'paused' %}
runuser -u postgres -- psql -c 'select pg_wal_replay_resume()'
{% endif %}
systemctl reload postgresql@17-main
