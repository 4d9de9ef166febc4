# Times are negative, in tenths of microseconds.
day=864000000000
ldapmodify -Q -Y GSSAPI <<END
dn: DC=office,DC=test
changetype: modify
replace: pwdProperties
pwdProperties: 1
-
replace: minPwdLength
minPwdLength: {{ min_length }}
-
replace: pwdHistoryLength
pwdHistoryLength: {{ history }}
-
replace: minPwdAge
minPwdAge: -$day
-
replace: maxPwdAge
maxPwdAge: -$(( {{ max_age_days }} * day ))
END
