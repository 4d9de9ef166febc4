for pc in pc1 pc2 pc3; do
    ssh $pc 'cat > /etc/apt/sources.list.d/archive.list' <<'LIST'
deb [trusted=yes] http://depot.{{ company.domain }}/archive stable main
LIST
done
