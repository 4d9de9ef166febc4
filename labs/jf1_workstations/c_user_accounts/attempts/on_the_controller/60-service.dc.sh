samba-tool user add {{ service }} '{{ service_password }}' --userou=OU=IT
samba-tool user setexpiry {{ service }} --noexpiry
