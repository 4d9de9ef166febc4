backup-department {{ corrupt }}
