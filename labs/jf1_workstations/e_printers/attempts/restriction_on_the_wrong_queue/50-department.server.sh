lpadmin -p {{ main_queue }} -u allow:@finance
