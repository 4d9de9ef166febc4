sed -i 's/,/;/g' /root/report.csv
