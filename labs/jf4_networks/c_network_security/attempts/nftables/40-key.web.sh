# The fingerprint of the login at night tells the foreign key from the owner's.
cd /home/{{ staff[victim].login }}/.ssh
foreign=$(grep 'Accepted publickey.* from {{ intruder }} ' /var/log/auth.log | grep -o 'SHA256:[^ ]*')
while read -r line; do
    echo "$line" | ssh-keygen -l -f - | grep -qF "$foreign" || echo "$line"
done < authorized_keys > kept
cat kept > authorized_keys
rm kept
