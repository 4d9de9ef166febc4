scp -q /root/ticket/notice.txt pc:/etc/ssh/notice
