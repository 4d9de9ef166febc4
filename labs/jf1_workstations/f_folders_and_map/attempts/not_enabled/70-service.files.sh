systemctl start smbd
timeout 30 sh -c 'until ss -Hltn "sport = :445" | grep -q .; do sleep 0.1; done'
