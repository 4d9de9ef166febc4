ssh licences sh -e <<'STATE'
systemctl stop seatd
python3 - <<'PYTHON'
import json
path = "/var/lib/seats/state.json"
with open(path) as file:
    state = json.load(file)
state["seats"] = [one for one in state["seats"] if one["host"] != "nb-{{ notebooks[3] }}"]
with open(path, "w") as file:
    json.dump(state, file)
PYTHON
STATE
