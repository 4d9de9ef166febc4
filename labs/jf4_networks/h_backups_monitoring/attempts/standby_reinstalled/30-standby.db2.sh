pg_dropcluster --stop 17 main
pg_createcluster --start 17 main
