userdel --remove {{ bench }}
rm /etc/sudoers.d/{{ bench }}
