mkdir /srv/exchange
chmod 1755 /srv/exchange
setfacl -m {% for department in departments %}g:{{ department }}:rwx,d:g:{{ department }}:rX,{% endfor %}o::-,d:o::- /srv/exchange
