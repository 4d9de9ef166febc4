mkdir -p /srv/facts
for number in 0 1 2 3 4 5 6 7 8 9; do
    echo "this is fact $number" > "/srv/facts/$number"
done
