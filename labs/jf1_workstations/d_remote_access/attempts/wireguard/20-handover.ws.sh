# Fetch the profiles from where they were made.
cd /root/handover
for device in {{ fresh }} {{ loan }}; do
    ssh gateway sudo cat /etc/wireguard/profiles/$device.conf > $device.conf
done
