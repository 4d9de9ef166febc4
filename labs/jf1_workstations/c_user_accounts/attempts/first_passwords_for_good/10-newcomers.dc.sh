{% for who in newcomers + (contractor,) %}
samba-tool user add {{ who.login }} '{{ who.password }}' --userou=OU=Staff \
    --given-name='{{ who.given }}' --surname='{{ who.family }}' \
    --department='{{ departments[loop.index0 % 3] }}'
{% endfor %}
