curl -fsSo /tmp/archive-key.asc http://depot.{{ company.domain }}/archive/archive-key.asc
gpg -q --show-keys --with-colons /tmp/archive-key.asc | grep -q '^fpr:*{{ fingerprint }}:'
{
    printf '%s\n' 'Types: deb' 'URIs: http://depot.{{ company.domain }}/archive' \
        'Suites: stable' 'Components: main' 'Signed-By:'
    sed 's/^$/./; s/^/ /' /tmp/archive-key.asc
} > /tmp/archive.sources
for pc in pc1 pc2 pc3; do
    ssh $pc 'cat > /etc/apt/sources.list.d/archive.sources' < /tmp/archive.sources
done
