curl -fsSo /tmp/archive-key.asc http://depot.{{ company.domain }}/archive/archive-key.asc
gpg -q --show-keys --with-colons /tmp/archive-key.asc | grep -q '^fpr:*{{ fingerprint }}:'
for pc in pc1 pc2 pc3; do
    ssh $pc 'cat > /etc/apt/keyrings/archive.asc' < /tmp/archive-key.asc
    ssh $pc 'cat > /etc/apt/sources.list.d/archive.list' <<'LIST'
deb [signed-by=/etc/apt/keyrings/archive.asc] http://depot.{{ company.domain }}/archive stable main
LIST
done
