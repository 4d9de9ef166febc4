smbpasswd -x {{ leaver }} >/dev/null
