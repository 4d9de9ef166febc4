ssh pc 'cat > /etc/motd' < /root/ticket/notice.txt
