samba-tool domain passwordsettings set --account-lockout-threshold={{ guesses }} \
    --reset-account-lockout-after={{ locked_minutes }} \
    --account-lockout-duration=0
