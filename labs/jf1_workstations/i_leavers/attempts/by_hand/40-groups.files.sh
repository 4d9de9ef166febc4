usermod --groups '' {{ leaver }}
