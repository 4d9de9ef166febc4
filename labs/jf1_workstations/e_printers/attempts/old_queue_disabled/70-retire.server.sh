cancel -a {{ old_queue }}
cupsdisable {{ old_queue }}
cupsreject {{ old_queue }}
