# From now on at every start.
netfilter-persistent save
systemctl enable --quiet netfilter-persistent
