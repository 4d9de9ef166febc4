smbpasswd -x {{ newcomer.login }}
