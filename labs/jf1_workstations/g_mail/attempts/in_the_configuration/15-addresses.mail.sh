cat >> /etc/postfix/aliases <<'ALIASES'
{{ alias }}@{{ company.domain }}    {{ staff[1].login }}@{{ company.domain }}, {{ staff[3].login }}@{{ company.domain }}
{{ leaver.login }}@{{ company.domain }}    {{ staff[3].login }}@{{ company.domain }}
ALIASES
