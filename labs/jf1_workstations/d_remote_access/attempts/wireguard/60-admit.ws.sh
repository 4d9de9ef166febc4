# The new laptop's key opens the account through which laptops pass.
ssh gateway "sudo tee -a /home/{{ jump }}/.ssh/authorized_keys > /dev/null" < /root/ticket/{{ fresh }}.pub
