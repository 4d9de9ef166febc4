# As if it had been `start` where `enable --now` was needed.
systemctl disable --quiet packet-filter
