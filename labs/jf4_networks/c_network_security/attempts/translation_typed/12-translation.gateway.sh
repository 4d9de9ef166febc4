# The rule stays in the kernel; the file that ufw loads at every start is as it was packaged.
sed -i '/^\*nat/,/^COMMIT/d' /etc/ufw/before.rules
