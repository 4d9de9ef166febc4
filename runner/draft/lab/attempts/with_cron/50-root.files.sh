passwd --lock root
