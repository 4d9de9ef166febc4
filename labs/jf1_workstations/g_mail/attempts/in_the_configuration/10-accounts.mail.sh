{% for one in newcomers %}
hash=$(doveadm pw -s SHA512-CRYPT -p '{{ one.password }}')
echo "{{ one.login }}:$hash:vmail:vmail::/srv/mail/{{ one.login }}::" >> /etc/dovecot/users
{% endfor %}
