setfacl -R -m g:management:rwX,d:g:management:rwX /srv/policies
