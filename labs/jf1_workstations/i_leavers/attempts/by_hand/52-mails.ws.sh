ssh files mkdir -p /srv/archive/{{ leaver }}
ssh mail tar -C /srv/mail -cz {{ leaver }} | ssh files 'cat > /srv/archive/{{ leaver }}/mail.tar.gz'
