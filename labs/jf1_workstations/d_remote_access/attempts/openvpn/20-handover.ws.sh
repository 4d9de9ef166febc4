# Fetch the profiles from where they were made.
cd /root/handover
for device in {{ kept }} {{ fresh }} {{ loan }}; do
    ssh gateway sudo cat /etc/openvpn/authority/profiles/$device.ovpn > $device.ovpn
done
