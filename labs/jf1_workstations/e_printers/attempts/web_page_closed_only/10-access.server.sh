sed -i -e 's/^WebInterface Yes/WebInterface No/' \
    -e '/^<Location \/>/,/^<\/Location>/ s|Allow all|Allow localhost\n  Allow {{ network.office }}|' \
    -e '/^<Location \/admin>/,/^<\/Location>/ s|Allow all|AuthType Default\n  Require user @SYSTEM|' \
    -e 's/^ErrorPolicy .*/ErrorPolicy retry-job/' /etc/cups/cupsd.conf
systemctl restart cups
