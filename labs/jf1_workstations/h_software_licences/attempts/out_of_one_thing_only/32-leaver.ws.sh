ssh licences "sed -i 's/ {{ leaver.login }}$//' /etc/seats/options"
