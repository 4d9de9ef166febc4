usermod --append --groups scans {{ newcomer.login }}
