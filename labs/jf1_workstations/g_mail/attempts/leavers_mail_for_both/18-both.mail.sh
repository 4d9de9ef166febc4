sed -i '/^{{ leaver.login }}@/s/$/ {{ staff[1].login }}@{{ company.domain }}/' /etc/postfix/people
