minute=600000000
ldapmodify -Q -Y GSSAPI <<END
dn: DC=office,DC=test
changetype: modify
replace: lockOutObservationWindow
lockOutObservationWindow: -$(( {{ locked_minutes }} * minute ))
-
replace: lockoutDuration
lockoutDuration: -$(( {{ locked_minutes }} * minute ))
-
replace: lockoutThreshold
lockoutThreshold: {{ guesses }}
END
