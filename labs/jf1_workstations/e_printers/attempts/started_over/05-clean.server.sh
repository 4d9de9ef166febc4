lpadmin -x labels
