sed -i '/^host *replication/s/scram-sha-256/trust/' /etc/postgresql/17/main/pg_hba.conf
systemctl reload postgresql@17-main
