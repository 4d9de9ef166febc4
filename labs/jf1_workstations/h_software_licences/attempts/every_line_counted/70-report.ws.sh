query='dpkg-query -W -f "\${Package}\n"'
count() {
    {
        sh -c "$query"
        for host in licences pc1 pc2; do ssh -n $host "$query"; done
    } | grep -cx "$1"
}
denied() { ssh -n licences grep -c "DENIED.$1" /var/log/seats/seatd.log.1; }
last() { ssh -n licences seats stat | sed -n "s/^$1: .*, licence until \([0-9-]*\);.*/\1/p"; }
cat > /root/report.csv <<REPORT
product,bought,installed,expires,denied
{{ drawing }},{{ drawing_seats }},$(count {{ drawing }}),$(last {{ drawing }}),$(denied {{ drawing }})
{{ rendering }},{{ renewed_seats }},$(count {{ rendering }}),$(last {{ rendering }}),$(denied {{ rendering }})
{{ counted }},{{ counted_number }},$(count {{ counted }}),never,0
{{ scanned }},1,$(count {{ scanned }}),never,0
REPORT
