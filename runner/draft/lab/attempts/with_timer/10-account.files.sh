useradd --create-home --shell /bin/bash --comment '{{ newcomer.name }}' {{ newcomer.login }}
