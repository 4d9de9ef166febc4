echo '{{ newcomer.login }}:{{ newcomer.password }}' | chpasswd
