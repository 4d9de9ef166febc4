echo manual > /etc/postgresql/17/main/start.conf
