rm /etc/sudoers.d/{{ bench }}
