cat >> /root/ticket/map.csv <<'MAP'
{% for line in devices.splitlines() if '|-|' not in line %}
{% set label, number, mac, serial, model, what, answers = line.split('|') %}
{{ network.office.rsplit('.', 1)[0] }}.{{ number }},{{ mac }},{{ label or 'unlisted' }},{{ model }},
{%- for answer in answers.split(',') if '=' in answer %}{{ ' ' if not loop.first }}{{ answer.split('=')[0] }}{% endfor %}

{% endfor %}
MAP
