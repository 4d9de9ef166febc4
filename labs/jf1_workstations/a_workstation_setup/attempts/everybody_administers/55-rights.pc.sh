echo '%staff ALL=(ALL:ALL) ALL' > /etc/sudoers.d/it
chmod 440 /etc/sudoers.d/it
