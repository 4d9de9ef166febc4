for pc in {{ places[0] }} {{ places[1] }}; do
    ssh $pc 'chgrp {{ department }} /usr/bin/{{ product }} && chmod 750 /usr/bin/{{ product }}'
done
