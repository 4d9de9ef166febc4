timedatectl set-timezone {{ sites[1][2] }}
