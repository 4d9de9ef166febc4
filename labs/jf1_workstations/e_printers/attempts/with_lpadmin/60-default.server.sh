lpadmin -d {{ main_queue }}
