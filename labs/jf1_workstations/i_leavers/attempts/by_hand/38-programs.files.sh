pkill -KILL -u {{ leaver }}
