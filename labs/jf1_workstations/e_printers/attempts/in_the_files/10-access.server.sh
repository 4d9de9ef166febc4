cat > /tmp/limits <<'LIMITS'
  <Limit CUPS-Add-Modify-Printer CUPS-Delete-Printer CUPS-Add-Modify-Class CUPS-Delete-Class CUPS-Set-Default CUPS-Get-Devices>
    AuthType Default
    Require user @SYSTEM
    Order deny,allow
  </Limit>

  <Limit Pause-Printer Resume-Printer Enable-Printer Disable-Printer Purge-Jobs Set-Printer-Attributes CUPS-Accept-Jobs CUPS-Reject-Jobs CUPS-Move-Job>
    AuthType Default
    Require user @SYSTEM
    Order deny,allow
  </Limit>

  <Limit Cancel-Job Cancel-My-Jobs Hold-Job Release-Job Restart-Job Set-Job-Attributes>
    Require user @OWNER @SYSTEM
    Order deny,allow
  </Limit>

LIMITS
sed -i -e '/^# Asked for a password/d' \
    -e '/SubscriptionPrivateValues/r /tmp/limits' \
    -e '/^<Location \/>/,/^<\/Location>/ {
        s/Order allow,deny/Order deny,allow/
        s|Allow all|Deny {{ network.guests }}|
    }' \
    -e '/^<Location \/admin>/,/^<\/Location>/ s/Order allow,deny/AuthType Default\n  Require user @SYSTEM\n&/' \
    /etc/cups/cupsd.conf
