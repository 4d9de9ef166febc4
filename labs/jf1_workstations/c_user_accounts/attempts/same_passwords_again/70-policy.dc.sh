samba-tool domain passwordsettings set --complexity=on --min-pwd-length={{ min_length }} \
    --history-length=0 --min-pwd-age=0 --max-pwd-age={{ max_age_days }}
