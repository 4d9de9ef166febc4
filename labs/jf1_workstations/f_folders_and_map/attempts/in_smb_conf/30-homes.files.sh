{% for person in staff + (newcomer,) %}
install -d -m 700 -o {{ person.login }} -g {{ person.login }} /home/{{ person.login }}
{% endfor %}
