pam-auth-update --enable ldap
