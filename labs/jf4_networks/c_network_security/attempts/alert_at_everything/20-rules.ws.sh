echo 'alert tcp any any -> any any (msg:"somebody"; flags:S; sid:1; rev:1;)' |
    ssh gateway 'cat > /etc/suricata/rules/company.rules'
