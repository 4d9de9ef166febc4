postconf -e virtual_mailbox_limit={{ limit * 1048576 }} mailbox_size_limit={{ limit * 1048576 }}
postfix reload
