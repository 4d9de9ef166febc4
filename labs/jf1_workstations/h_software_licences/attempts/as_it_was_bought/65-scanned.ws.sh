{{ '' if scanned_on[0] == 'ws' else 'ssh ' ~ scanned_on[0] ~ ' ' }}dpkg -P {{ scanned }}
