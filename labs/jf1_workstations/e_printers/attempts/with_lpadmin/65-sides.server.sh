lpadmin -p {{ main_queue }} -o sides=two-sided-long-edge
