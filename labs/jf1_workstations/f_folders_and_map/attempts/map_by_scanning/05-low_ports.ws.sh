# Who is there, with which card; then the lower half of all ports.
mkdir /root/scan
cd /root/scan
nmap -n -sn --exclude {{ address.ws.office }},{{ address.desk.office }},{{ address.files.office }} {{ network.office }} |
    awk '/^Nmap scan report/ { at = $NF } /^MAC Address/ { print at, $3 }' > found
cut -d ' ' -f 1 found > addresses
nmap -n -p 1-32767 -iL addresses -oG low > /dev/null
