ssh {{ places[2] }} apt-get -qq -y purge {{ product }}
