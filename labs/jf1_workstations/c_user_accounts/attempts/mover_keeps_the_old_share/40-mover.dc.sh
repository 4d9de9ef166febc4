samba-tool group addmembers '{{ departments[1] }}' {{ mover.login }}
