# Notebook and phone: each peer is a paragraph.
cd /etc/wireguard
umask 077
awk -v RS= -v ORS='\n\n' '!/^# {{ pc }}\n/ && !/^# phone, {{ staff[3].name }} \({{ departments[0] }}\)/' wg0.conf > wg0.new
mv wg0.new wg0.conf
