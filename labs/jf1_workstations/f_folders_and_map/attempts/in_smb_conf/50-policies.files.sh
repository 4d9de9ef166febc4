chgrp -R management /srv/policies
chmod -R u=rwX,g=rwX,o=rX /srv/policies
chmod g+s /srv/policies
