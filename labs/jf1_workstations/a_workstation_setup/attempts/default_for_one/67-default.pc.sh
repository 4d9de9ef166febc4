install -d -m 700 -o {{ starter.login }} -g staff /home/{{ starter.login }} /home/{{ starter.login }}/.cups
echo 'Default hall' > /home/{{ starter.login }}/.cups/lpoptions
chown {{ starter.login }}: /home/{{ starter.login }}/.cups/lpoptions
