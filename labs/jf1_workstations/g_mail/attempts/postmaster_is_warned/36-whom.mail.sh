sed -i 's/"$2@{{ company.domain }}"/postmaster@{{ company.domain }}/' /usr/local/bin/nearly-full
