passwd --lock {{ leaver.login }}
