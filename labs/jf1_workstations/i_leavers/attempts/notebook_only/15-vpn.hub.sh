cd /etc/wireguard
umask 077
awk -v RS= -v ORS='\n\n' '!/^# {{ pc }}\n/' wg0.conf > wg0.new
mv wg0.new wg0.conf
