{% for who in newcomers %}
samba-tool user setexpiry {{ who.login }} --noexpiry
{% endfor %}
