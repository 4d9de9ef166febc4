sed -i '/^umask/d' /usr/local/sbin/nightly
