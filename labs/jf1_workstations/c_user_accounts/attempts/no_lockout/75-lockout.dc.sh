samba-tool domain passwordsettings set --account-lockout-threshold=0 \
    --reset-account-lockout-after={{ locked_minutes }} \
    --account-lockout-duration={{ locked_minutes }}
