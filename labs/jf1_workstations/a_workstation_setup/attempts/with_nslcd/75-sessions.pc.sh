sed -i 's/^#KillUserProcesses=.*/KillUserProcesses=yes/' /etc/systemd/logind.conf
systemctl restart systemd-logind
