lpadmin -p {{ main_queue }} -E -m raw -o printer-is-shared=true \
    -v ipp://floor1.{{ company.domain }}/ipp/print
