pg_ctlcluster 17 main promote
