ssh gateway "sudo tee -a /home/{{ owner.login }}/.ssh/authorized_keys > /dev/null" < /root/ticket/{{ fresh }}.pub
