# As `systemctl edit --runtime smbd` makes it, with a copy of the settings.
sed '/^\[global\]/a invalid users = {{ leaver }}' /etc/samba/smb.conf > /run/smb.conf
mkdir -p /run/systemd/system/smbd.service.d
cat > /run/systemd/system/smbd.service.d/override.conf <<'UNIT'
[Service]
ExecStart=
ExecStart=/usr/sbin/smbd --foreground --no-process-group --configfile=/run/smb.conf
UNIT
systemctl daemon-reload
systemctl restart smbd
