sed -i '4,$ s/ \([0-9]\)/,\1/g' /root/ticket/map.csv
