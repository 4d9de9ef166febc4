usermod --append --groups {{ newcomer_department }} {{ newcomer.login }}
