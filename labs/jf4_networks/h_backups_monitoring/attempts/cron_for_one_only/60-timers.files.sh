systemctl disable --now {% for department in departments %} backup@{{ department }}.timer{% endfor %}
