wg-quick save wg0
