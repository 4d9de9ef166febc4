curl -fsS -o /var/lib/clamav/company.ndb http://mirror:8080/company.ndb
chown clamav:clamav /var/lib/clamav/company.ndb
