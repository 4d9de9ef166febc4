ssh licences sh -e <<'START'
cp -r /etc/seats /run/trial
cd /etc/seats
printf '%s\n' 'GROUP {{ department }} {{ staff[0].login }} {{ leaver.login }}' \
    'INCLUDE {{ drawing }} GROUP {{ department }}' > options
mkdir -p /run/systemd/system/seatd.service.d
printf '%s\n' '[Service]' 'ExecStart=' 'ExecStart=/usr/local/sbin/seatd --settings /run/trial' \
    > /run/systemd/system/seatd.service.d/trial.conf
systemctl daemon-reload
systemctl start seatd
# Until everybody who is at work is back.
for _ in $(seq 200); do
    seats stat > /tmp/stat 2>&1 && ! grep LOST /tmp/stat | grep -vq nb-{{ notebooks[3] }} && exit
    sleep 0.1
done
exit 1
START
