pam-auth-update --enable mkhomedir
