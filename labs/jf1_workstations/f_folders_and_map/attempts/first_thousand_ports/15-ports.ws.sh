sed -i -e 's/ {{ odd_port }}$//' -e 's/,{{ stranger[1] }},{{ stranger_port }}$/,,/' /root/ticket/map.csv
