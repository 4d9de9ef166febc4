{{ '' if scanned_on[1] == 'ws' else 'ssh ' ~ scanned_on[1] ~ ' ' }}dpkg -P {{ scanned }}
