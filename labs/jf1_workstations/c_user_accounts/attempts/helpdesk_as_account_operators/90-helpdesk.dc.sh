samba-tool group addmembers 'Account Operators' Helpdesk
