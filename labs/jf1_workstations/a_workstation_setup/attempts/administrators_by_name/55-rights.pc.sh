echo '{{ staff[0].login }}, {{ staff[1].login }} ALL=(ALL:ALL) ALL' > /etc/sudoers.d/it
chmod 440 /etc/sudoers.d/it
