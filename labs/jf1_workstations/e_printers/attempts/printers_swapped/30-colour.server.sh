lpadmin -p {{ main_queue }} -E -m everywhere -o printer-is-shared=true \
    -v ipp://floor2.{{ company.domain }}/ipp/print
