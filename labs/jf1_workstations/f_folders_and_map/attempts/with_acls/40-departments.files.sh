cd /srv/departments
{% for department in departments %}
for default in '' d:; do
    setfacl -R -m "${default}g:{{ department }}:rwX,${default}g:management:rX,${default}o::-" {{ department }}
done
{% endfor %}
