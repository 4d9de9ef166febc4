for pc in pc1 pc2 pc3; do
    ssh $pc rm /etc/apt/sources.list.d/in-house.list
done
