find /srv/departments/*/*.csv /srv/policies/*.csv -exec chown root: {} + -exec chmod 644 {} +
