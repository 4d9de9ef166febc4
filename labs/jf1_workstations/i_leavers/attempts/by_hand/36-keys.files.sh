# Their key in other people's accounts, under whatever name it stands.
theirs=$(awk '{ print $2 }' /home/{{ leaver }}/.ssh/authorized_keys)
sed -i "\|$theirs|d" /home/{{ robot }}/.ssh/authorized_keys
