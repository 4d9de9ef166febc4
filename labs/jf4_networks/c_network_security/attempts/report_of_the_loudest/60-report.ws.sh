cat > /root/ticket/report.txt <<'REPORT'
Intruder address: {{ bystanders[0] }}
Account: {{ staff[(victim + 1) % 4].login }}
Planted file: /home/{{ staff[victim].login }}/.ssh/authorized_keys
Infected file: /srv/www/uploads/{{ uploads[1] }}
Virus: {{ company.short }}.Adware.Toolbar
REPORT
