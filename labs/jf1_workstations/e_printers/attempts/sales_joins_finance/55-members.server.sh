{% for person in sales %}
usermod --append --groups finance {{ person.login }}
{% endfor %}
