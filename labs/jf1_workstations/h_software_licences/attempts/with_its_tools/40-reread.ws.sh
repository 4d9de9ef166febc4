ssh licences seats reread
