dpkg -P {{ counted }}
for host in licences pc1 pc2; do ssh $host dpkg -P {{ counted }}; done
