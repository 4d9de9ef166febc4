grep -v ' sofa$' /home/{{ robot }}/.ssh/authorized_keys > /tmp/keys
cat /tmp/keys > /home/{{ robot }}/.ssh/authorized_keys
