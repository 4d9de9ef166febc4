cat > /root/ticket/report.txt <<'REPORT'
# Findings on the web server.
Intruder address: {{ intruder }}
Account: {{ staff[victim].login }}
Planted file: {{ planted }}
Infected file: /srv/www/uploads/{{ uploads[0] }}
Virus: {{ virus }}.UNOFFICIAL
REPORT
