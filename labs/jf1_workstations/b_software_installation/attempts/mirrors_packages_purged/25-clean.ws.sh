for pc in pc1 pc2 pc3; do
    ssh $pc apt-get -qq -y purge {{ common }}
done
