lpadmin -p {{ cheque_queue }} -E -m everywhere -o printer-is-shared=false \
    -v ipp://floor2.{{ company.domain }}/ipp/print
