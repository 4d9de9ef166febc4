lpoptions -p {{ main_queue }} -o sides=two-sided-long-edge
