samba-tool group add '{{ departments[2] }}' --groupou=OU=Groups
{% for who in newcomers + (contractor,) %}
samba-tool group addmembers '{{ departments[2] }}' {{ who.login }}
{% endfor %}
