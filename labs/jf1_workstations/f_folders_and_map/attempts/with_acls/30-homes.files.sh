{% for person in staff + (newcomer,) %}
mkhomedir_helper {{ person.login }} 0077
{% endfor %}
