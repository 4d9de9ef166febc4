{% set base = 'dc=' ~ company.domain.replace('.', ',dc=') %}
{% for who in former %}
ldapdelete -Q -Y EXTERNAL -H ldapi:/// uid={{ who.login }},ou=people,{{ base }}
{% endfor %}
