usermod --shell /usr/sbin/nologin {{ leaver }}
