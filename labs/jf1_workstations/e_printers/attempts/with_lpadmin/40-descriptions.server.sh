lpadmin -p {{ main_queue }} -L '{{ main_location }}' -D '{{ main_description }}'
lpadmin -p {{ cheque_queue }} -L '{{ cheque_location }}' -D '{{ cheque_description }}'
