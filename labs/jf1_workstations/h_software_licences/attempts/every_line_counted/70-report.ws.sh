query='dpkg-query -W -f "\${Package}\n"'
count() {
    {
        sh -c "$query"
        for host in licences pc1 pc2; do ssh -n $host "$query"; done
    } | grep -cx "$1"
}
denied() { ssh -n licences grep -c "DENIED.$1" /var/log/seats/seatd.log.1; }
stat() { ssh -n licences seats stat | sed -n "s/^$1: [0-9]* of \([0-9]*\) seats taken, licence until \([0-9-]*\);.*/\1 \2/p"; }
{
    echo product,bought,installed,expires,denied
    for product in {{ drawing }} {{ rendering }}; do
        set -- $(stat $product)
        echo "$product,${1-},$(count $product),${2-},$(denied $product)"
    done
    echo "{{ counted }},{{ counted_number }},$(count {{ counted }}),never,0"
    echo "{{ scanned }},1,$(count {{ scanned }}),never,0"
} > /root/report.csv
