samba-tool user disable {{ leaver.login }}
