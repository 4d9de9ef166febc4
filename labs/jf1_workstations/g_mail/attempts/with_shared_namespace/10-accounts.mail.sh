{% for one in newcomers %}
hash=$(printf '%s' '{{ one.password }}' | openssl passwd -6 -stdin)
echo "{{ one.login }}:{CRYPT}$hash:vmail:vmail::/srv/mail/{{ one.login }}::" >> /etc/dovecot/users
{% endfor %}
