userdel {{ leaver }}
