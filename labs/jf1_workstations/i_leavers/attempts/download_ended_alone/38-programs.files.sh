pkill -KILL -u {{ leaver }} -x nc
