systemctl start nightly.service
