{% if plant == 'unit' %}
systemctl disable --now {{ plant_name }}.service
{% endif %}
rm {{ planted }}
{% if plant == 'unit' %}
systemctl daemon-reload
{% endif %}
