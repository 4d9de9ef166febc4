ssh db1 runuser -u postgres -- pg_dump --clean --if-exists orders > /tmp/orders.sql
ssh db2 runuser -u postgres -- psql -q orders < /tmp/orders.sql
