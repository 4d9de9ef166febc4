data=/var/lib/postgresql/17/main
systemctl stop postgresql@17-main
echo 'db1:5432:replication:standby:{{ standby_password }}' > /var/lib/postgresql/standby.pgpass
rm -r "$data" /etc/postgresql/17/main/conf.d/standby.conf
runuser -u postgres -- env PGPASSFILE=/var/lib/postgresql/standby.pgpass \
    pg_basebackup --host db1 --username standby --pgdata "$data" --write-recovery-conf --checkpoint fast
systemctl start postgresql@17-main
