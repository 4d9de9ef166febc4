echo '{{ admin_password }}' | kinit Administrator
