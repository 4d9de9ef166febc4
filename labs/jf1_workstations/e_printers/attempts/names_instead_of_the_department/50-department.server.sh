lpadmin -p {{ cheque_queue }} -u allow:{{ finance | join(',', attribute='login') }}
