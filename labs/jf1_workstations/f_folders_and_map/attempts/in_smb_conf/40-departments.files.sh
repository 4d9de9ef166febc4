cd /srv/departments
{% for department in departments %}
chgrp -R {{ department }} {{ department }}
{% endfor %}
chmod -R u=rwX,g=rwX,o= {{ departments | join(' ') }}
find {{ departments | join(' ') }} -type d -exec chmod g+s {} +
