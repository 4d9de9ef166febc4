{% for one in newcomers %}
echo "{{ one.login }}:{PLAIN}{{ one.password }}:vmail:vmail::/srv/mail/{{ one.login }}::" >> /etc/dovecot/users
{% endfor %}
