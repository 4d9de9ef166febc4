for pc in {{ places[0] }} {{ places[1] }}; do
    ssh $pc 'apt-get -qq update && apt-get -qq -y install {{ product }}={{ approved }}'
done
