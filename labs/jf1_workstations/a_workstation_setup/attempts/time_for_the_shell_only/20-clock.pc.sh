echo 'TZ={{ sites[0][2] }}' >> /etc/environment
