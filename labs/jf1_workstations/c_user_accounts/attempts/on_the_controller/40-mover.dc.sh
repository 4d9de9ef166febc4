samba-tool group addmembers '{{ departments[1] }}' {{ mover.login }}
samba-tool group removemembers '{{ departments[0] }}' {{ mover.login }}
