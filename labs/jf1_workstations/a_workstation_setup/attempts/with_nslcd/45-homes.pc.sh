sed -i '/pam_unix.so/a session required pam_mkhomedir.so umask=0077' /etc/pam.d/common-session
