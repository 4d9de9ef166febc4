scp -q /root/ticket/company.rules gateway:/etc/suricata/rules/company.rules
