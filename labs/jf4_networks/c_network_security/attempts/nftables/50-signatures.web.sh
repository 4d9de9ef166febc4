sed -i -e '/^DatabaseMirror/d' -e '/^DNSDatabaseInfo/d' -e 's/^Bytecode.*/Bytecode no/' \
    /etc/clamav/freshclam.conf
cat >> /etc/clamav/freshclam.conf <<'SETTINGS'
DatabaseMirror mirror
DatabaseCustomURL http://mirror:8080/company.ndb
ExcludeDatabase main
ExcludeDatabase daily
ExcludeDatabase bytecode
SETTINGS
freshclam --quiet
systemctl enable --now clamav-freshclam
