{% for host in ['ws', 'pc1', 'pc2', 'licences'] if host not in counted_on[:counted_number] %}
{{ '' if host == 'ws' else 'ssh ' ~ host ~ ' ' }}dpkg -P {{ counted }}
{% endfor %}
