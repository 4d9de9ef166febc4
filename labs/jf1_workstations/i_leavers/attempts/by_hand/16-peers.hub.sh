systemctl reload wg-quick@wg0
