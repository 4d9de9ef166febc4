# The upper half; then what each device says at its ports, and which of ours it is.
cd /root/scan || exit 1
nmap -n -p 32768-65535 -iL addresses -oG high > /dev/null
ports() { sed -n "s/^Host: $1 .*Ports: //p" low high | grep -o '[0-9]*/open' | cut -d / -f 1; }
while read -r address mac; do
    for port in $(ports "$address"); do
        printf 'GET / HTTP/1.0\r\n\r\n' | nc -w 5 "$address" "$port" > "said-$address-$port" &
    done
done < found
wait
while read -r address mac; do
    label=unlisted model=$(sed -n 's/.*<title>\(.*\)<.*/\1/p' "said-$address"-* | head -n 1)
    while IFS=, read -r its what known serial; do
        ! grep -qa "$serial" "said-$address"-* || label=$its model=$known
    done < /root/ticket/inventory.csv
    echo "$address,$mac,$label,$model,$(ports "$address" | paste -s -d ' ')"
done < found >> /root/ticket/map.csv
