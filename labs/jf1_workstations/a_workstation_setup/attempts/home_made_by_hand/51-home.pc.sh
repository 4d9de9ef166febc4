install -d -m 700 -o {{ starter.login }} -g staff /home/{{ starter.login }}
