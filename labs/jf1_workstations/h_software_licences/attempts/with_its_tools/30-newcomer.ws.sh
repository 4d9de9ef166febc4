ssh licences "echo 'GROUP {{ department }} {{ staff[4].login }}' >> /etc/seats/options"
