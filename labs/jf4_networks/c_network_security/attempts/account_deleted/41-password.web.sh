userdel --remove {{ staff[victim].login }} 2>&1
