for pc in pc1 pc2 pc3; do
    ssh $pc rm -f /etc/apt/trusted.gpg.d/in-house.asc /etc/apt/apt.conf.d/90in-house
done
