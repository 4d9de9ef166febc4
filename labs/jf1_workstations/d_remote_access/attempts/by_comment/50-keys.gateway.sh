sed -i '/{{ owner.login }}@{{ stolen }}/d' /home/*/.ssh/authorized_keys* /root/.ssh/authorized_keys
