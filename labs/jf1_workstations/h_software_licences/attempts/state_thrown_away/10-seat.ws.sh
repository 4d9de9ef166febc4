ssh licences 'systemctl stop seatd && rm /var/lib/seats/state.json'
