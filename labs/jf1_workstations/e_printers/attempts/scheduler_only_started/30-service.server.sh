systemctl start cups.service
