"""Run by Kathara's own Python: three hosts up or down, by its API.

Its arguments: "up" or "down", the lab's name, the hosts' image, the subnet, and LABEL=VALUE.

Its network plugin comes from a registry of images, so the engine's own bridge takes its place:
what is timed is Kathara's orchestration, not its network. Everything else is as it comes.
"""

from __future__ import annotations

import ipaddress
import json
import sys
from typing import Any

import docker
from docker.models.networks import NetworkCollection
from Kathara.manager.docker.DockerPlugin import DockerPlugin
from Kathara.manager.Kathara import Kathara
from Kathara.model.Lab import Lab
from Kathara.setting.Setting import Setting

HOSTS = ("one", "two", "three")

verb, name, image, subnet, label = sys.argv[1:]
_create = NetworkCollection.create


def bridged(self: Any, name: str, **words: Any) -> Any:
    """The network that Kathara asks for, as a bridge."""
    pool = docker.types.IPAMPool(subnet=subnet)
    words |= {"driver": "bridge", "ipam": docker.types.IPAMConfig(pool_configs=[pool])}
    key, _, value = label.partition("=")
    words["labels"] = {**words["labels"], key: value}
    return _create(self, name, **words)


def present(_: Any) -> None:
    """Nothing is downloaded."""


setattr(NetworkCollection, "create", bridged)  # noqa: B010 - typed, it could not be replaced
setattr(DockerPlugin, "check_and_download_plugin", present)  # noqa: B010 - the same
Setting.get_instance().load_from_dict(
    {
        "image": image,
        "image_update_policy": "Never",
        "open_terminals": False,
        "hosthome_mount": False,
    }
)

lab = Lab(name)
if verb == "up":
    for host in HOSTS:
        lab.connect_machine_to_link(lab.new_machine(host, image=image).name, "office")
    Kathara.get_instance().deploy_lab(lab)
    client = docker.from_env()
    found = client.networks.list(filters={"label": label}, greedy=True)
    inside = [one for network in found for one in network.attrs["Containers"].values()]
    addresses = [str(ipaddress.ip_interface(one["IPv4Address"]).ip) for one in inside]
    sys.stdout.write(json.dumps(addresses) + "\n")
else:
    Kathara.get_instance().undeploy_lab(lab_hash=lab.hash)
