lpadmin -d hall
