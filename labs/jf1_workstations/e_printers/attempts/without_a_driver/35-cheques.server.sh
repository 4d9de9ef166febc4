lpadmin -p {{ cheque_queue }} -E -m raw -o printer-is-shared=true \
    -v ipp://floor2.{{ company.domain }}/ipp/print
