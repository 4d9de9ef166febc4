lpoptions -d {{ main_queue }}
