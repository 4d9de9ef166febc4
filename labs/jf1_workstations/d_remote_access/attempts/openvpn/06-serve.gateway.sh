# The old VPN makes way for the new one, now and at every start.
systemctl disable --quiet --now wg-quick@wg0
systemctl enable --quiet --now openvpn-server@office
