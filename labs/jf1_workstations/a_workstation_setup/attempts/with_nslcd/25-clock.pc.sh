ln -sf /usr/share/zoneinfo/{{ sites[0][2] }} /etc/localtime
echo {{ sites[0][2] }} > /etc/timezone
