# The package's own configuration asks for a password where it should; to it comes the network.
cp /usr/share/cups/cupsd.conf.default /etc/cups/cupsd.conf
sed -i -e 's/^Listen localhost:631/Listen *:631\nServerAlias */' \
    -e '/^<Location \/>/,/^<\/Location>/ s|Order allow,deny|&\n  Allow localhost\n  Allow {{ network.office }}|' \
    /etc/cups/cupsd.conf
systemctl restart cups
