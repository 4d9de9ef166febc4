cupsdisable {{ main_queue }} {{ cheque_queue }}
