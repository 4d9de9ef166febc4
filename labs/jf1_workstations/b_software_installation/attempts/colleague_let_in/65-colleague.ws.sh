for pc in {{ places[0] }} {{ places[1] }}; do
    ssh $pc usermod --append --groups {{ department }} {{ staff[4].login }}
done
