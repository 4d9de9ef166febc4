cd /root/ticket/attachments
for file in *.lic; do
    scp -q $file licences:/root/
    if ssh licences "seats verify /root/$file"; then
        ssh licences "install -m 644 /root/$file /etc/seats/licences.d/"
    fi
done
