{% if job_fault == 'disabled' %}
systemctl enable --now backup@{{ stopped }}.timer
{% elif job_fault == 'calendar' %}
rm -r /etc/systemd/system/backup@{{ stopped }}.timer.d
systemctl daemon-reload
systemctl restart backup@{{ stopped }}.timer
{% elif job_fault == 'source' %}
sed -i 's|^SOURCE=.*|SOURCE=/srv/departments/{{ stopped }}|' /etc/backup/{{ stopped }}.conf
{% elif job_fault == 'passphrase' %}
sed -i 's|^PASSPHRASE_FILE=.*|PASSPHRASE_FILE=/etc/backup/passphrase|' /etc/backup/{{ stopped }}.conf
{% endif %}
systemctl start backup@{{ stopped }}.service
