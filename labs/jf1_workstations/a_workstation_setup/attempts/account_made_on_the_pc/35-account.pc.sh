groupadd {{ starter_department }}
useradd --create-home --shell /bin/bash --groups {{ starter_department }} {{ starter.login }}
echo '{{ starter.login }}:{{ starter.password }}' | chpasswd
