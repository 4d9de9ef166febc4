chgrp -R {{ departments[0] }} /srv/departments/{{ departments[0] }}
chmod -R g+rwX /srv/departments/{{ departments[0] }}
