cat > /root/report.txt <<REPORT
Corrupt backup: {{ largest }}
Stopped backup: {{ stopped }}
Last good backup: $(date -d '-1 day' +%F)
Orders missing on the standby: 0
Largest department: {{ corrupt }}
REPORT
