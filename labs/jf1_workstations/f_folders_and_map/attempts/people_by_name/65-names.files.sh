{% for department in departments %}
sed -i '/^\[{{ department }}\]/,/^\[/ s/@{{ department }}/{{ staff[loop.index0::3] | join(' ', attribute='login') }}/' /etc/samba/smb.conf
{% endfor %}
sed -i 's/^\[\(policies\|exchange\)\]/&\n    valid users = {{ staff | join(' ', attribute='login') }}/' /etc/samba/smb.conf
