samba-tool domain passwordsettings pso create everyone 20 --complexity=on \
    --min-pwd-length={{ min_length }} --history-length={{ history }} \
    --min-pwd-age=1 --max-pwd-age={{ max_age_days }} \
    --account-lockout-threshold={{ guesses }} \
    --reset-account-lockout-after={{ locked_minutes }} \
    --account-lockout-duration={{ locked_minutes }}
samba-tool domain passwordsettings pso apply everyone 'Domain Users'
