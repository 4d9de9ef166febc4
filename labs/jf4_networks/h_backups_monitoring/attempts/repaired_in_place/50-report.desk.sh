cat > /root/report.txt <<REPORT
Corrupt backup: {{ corrupt }}
Stopped backup: {{ stopped }}
Last good backup: $(date -d '-{{ nights_missed }} days -2 hours' +%F)
Orders missing on the standby: {{ orders_missing }}
Largest department: {{ largest }}
REPORT
