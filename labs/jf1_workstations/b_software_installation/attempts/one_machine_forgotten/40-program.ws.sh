ssh {{ places[0] }} 'apt-get -qq update && apt-get -qq -y install --reinstall {{ product }}={{ approved }}'
