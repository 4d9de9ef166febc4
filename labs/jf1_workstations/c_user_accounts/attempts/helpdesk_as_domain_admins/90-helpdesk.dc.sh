samba-tool group addmembers 'Domain Admins' Helpdesk
