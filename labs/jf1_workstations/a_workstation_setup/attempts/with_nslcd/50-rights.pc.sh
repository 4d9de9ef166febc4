echo '%it ALL=(ALL) ALL' >> /etc/sudoers
