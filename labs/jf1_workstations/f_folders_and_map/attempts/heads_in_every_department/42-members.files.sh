{% for head in staff[:3] %}
usermod --append --groups {{ departments | join(',') }} {{ head.login }}
{% endfor %}
