ssh pc 'cat > /etc/issue.net' < /root/ticket/notice.txt
