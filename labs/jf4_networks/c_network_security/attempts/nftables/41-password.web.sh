passwd --quiet --lock {{ staff[victim].login }}
