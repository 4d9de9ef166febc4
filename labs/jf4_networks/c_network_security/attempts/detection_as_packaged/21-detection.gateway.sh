install -D -m 644 /etc/suricata/rules/company.rules /var/lib/suricata/rules/suricata.rules
systemctl enable --now suricata
