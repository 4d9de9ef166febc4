sed -i -e '/^af-packet:/,/interface:/s/eth0/eth2/' \
    -e 's|^default-rule-path:.*|default-rule-path: /etc/suricata/rules|' \
    -e '/^rule-files:/,/^ *-/s/- suricata.rules/- company.rules/' /etc/suricata/suricata.yaml
systemctl enable --now suricata
