useradd --no-create-home --shell /usr/sbin/nologin --comment '{{ newcomer.name }}' {{ newcomer.login }}
