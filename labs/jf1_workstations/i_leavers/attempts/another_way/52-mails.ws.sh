ssh files mkdir -p /srv/archive/{{ leaver }}/mail
ssh mail tar -C /srv/mail/{{ leaver }} -c . | ssh files tar -C /srv/archive/{{ leaver }}/mail -x
