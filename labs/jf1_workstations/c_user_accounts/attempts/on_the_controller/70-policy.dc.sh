samba-tool domain passwordsettings set --complexity=on --min-pwd-length={{ min_length }} \
    --history-length={{ history }} --min-pwd-age=1 --max-pwd-age={{ max_age_days }}
