timedatectl set-timezone {{ sites[0][2] }}
