systemctl stop wg-quick@wg0
systemctl start openvpn-server@office
