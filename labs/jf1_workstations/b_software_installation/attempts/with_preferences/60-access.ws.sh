for pc in {{ places[0] }} {{ places[1] }}; do
    ssh $pc sh -e <<'ACCESS'
cat > /usr/local/sbin/restrict-{{ product }} <<'SCRIPT'
#!/bin/sh
chmod 750 /usr/bin/{{ product }}
setfacl -m g:{{ department }}:rx /usr/bin/{{ product }}
SCRIPT
chmod 755 /usr/local/sbin/restrict-{{ product }}
echo 'DPkg::Post-Invoke { "/usr/local/sbin/restrict-{{ product }}"; };' \
    > /etc/apt/apt.conf.d/80{{ product }}
restrict-{{ product }}
ACCESS
done
