scp -qp /root/ticket/attachments/*.lic licences:/etc/seats/licences.d/
