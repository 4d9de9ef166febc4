lpadmin -p {{ cheque_queue }} -u allow:@finance
