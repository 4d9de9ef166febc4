# Out with the stolen key, under whatever name it stands.
stolen=$(awk '{ print $2 }' /home/{{ owner.login }}/.ssh/authorized_keys)
grep -rlF "$stolen" /root/.ssh /home/*/.ssh | xargs sed -i "\|$stolen|d"
