passwd --quiet --lock {{ leaver }}
