samba-tool user delete {{ leaver.login }}
