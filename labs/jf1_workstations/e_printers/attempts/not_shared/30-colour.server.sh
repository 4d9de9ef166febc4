lpadmin -p {{ main_queue }} -E -m everywhere -o printer-is-shared=false \
    -v ipp://floor1.{{ company.domain }}/ipp/print
