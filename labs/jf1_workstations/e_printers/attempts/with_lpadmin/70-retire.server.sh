cancel -a {{ old_queue }}
lpadmin -x {{ old_queue }}
