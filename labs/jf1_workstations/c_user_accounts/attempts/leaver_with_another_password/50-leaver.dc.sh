samba-tool user setpassword {{ leaver.login }} --newpassword='{{ admin_password }}'
