ssh files mkdir -p /srv/archive/{{ leaver }}
ssh mail tar -C /srv/mail/{{ leaver }}/Maildir -cz cur new | ssh files 'cat > /srv/archive/{{ leaver }}/mail.tar.gz'
