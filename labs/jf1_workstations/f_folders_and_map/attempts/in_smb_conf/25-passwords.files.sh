{% for person in staff + (newcomer,) %}
printf '%s\n' '{{ person.password }}' '{{ person.password }}' | smbpasswd -s -a {{ person.login }}
{% endfor %}
