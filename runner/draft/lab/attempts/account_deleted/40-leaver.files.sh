userdel --remove {{ leaver.login }}
