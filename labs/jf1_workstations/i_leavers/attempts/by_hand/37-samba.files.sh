smbpasswd -d {{ leaver }} >/dev/null
