systemctl enable --now cups
lpadmin -p printer -E -m everywhere -v ipp://{{ address.printer.office }}:631/ipp/print
lpoptions -d printer
