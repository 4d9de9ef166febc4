for pc in {{ places[0] }} {{ places[1] }}; do
    ssh $pc apt-mark hold {{ product }}
done
