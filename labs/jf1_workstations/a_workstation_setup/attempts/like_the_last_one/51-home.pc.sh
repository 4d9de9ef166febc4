install -d -m 755 -o {{ starter.login }} -g staff /home/{{ starter.login }}
