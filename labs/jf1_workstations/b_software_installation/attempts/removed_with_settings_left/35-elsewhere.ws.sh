ssh {{ places[2] }} apt-get -qq -y remove {{ product }}
