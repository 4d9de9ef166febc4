samba-tool group add '{{ departments[2] }}' --groupou=OU=Groups
{% for who in newcomers + (contractor,) %}
samba-tool group addmembers '{{ departments[loop.index0 % 3] }}' {{ who.login }}
{% endfor %}
