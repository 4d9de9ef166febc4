"""The floor: the same containers by the fewest calls to the engine, and nothing around them."""

from __future__ import annotations

import io
import secrets
import shlex
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from bench import ssh
from bench.ground import Bench
from runner.engine import NotFound, translating
from runner.errors import StageError
from runner.probe import systemd_recipe
from runner.scenario import HostSpec

SLOT = 900
"""From here on the floor's systemd hosts have their groups; worlds have slots up to 255."""
_SPACE = IPv4Network("10.64.0.0/12")
_TRIES = 50


@dataclass(frozen=True, slots=True)
class World:
    """Hosts on networks of their own that the engine's machine can reach."""

    containers: dict[str, str]
    networks: tuple[str, ...]
    addresses: dict[str, str]


def up(bench: Bench, hosts: Sequence[HostSpec], abreast: int, slot: int = SLOT) -> World:
    """Make the hosts, so many at a time, and wait until each answers SSH.

    Worlds that run at the same time have slots of their own.
    """
    names = list(dict.fromkeys(name for host in hosts for name in host.address))
    with ThreadPoolExecutor(abreast) as pool:
        made = list(pool.map(lambda _: _network(bench), names))
        networks = dict(zip(names, made, strict=True))

        def one(number: int) -> tuple[str, str]:
            host = hosts[number]
            address = {name: str(networks[name][1][number + 2]) for name in host.address}
            container = _host(bench, host, networks, address, slot)
            first = next(iter(address.values()))
            ssh.answer([first], bench.key.client_private)
            return container, first

        there = list(pool.map(one, range(len(hosts))))
    return World(
        containers={host.name: cid for host, (cid, _) in zip(hosts, there, strict=True)},
        networks=tuple(network for network, _ in made),
        addresses={host.name: address for host, (_, address) in zip(hosts, there, strict=True)},
    )


def down(bench: Bench, world: World, abreast: int) -> None:
    """Remove them by force."""
    remove(bench, world.containers.values(), world.networks, abreast)


def remove(
    bench: Bench, containers: Iterable[str], networks: Iterable[str], abreast: int = 8
) -> None:
    """Remove containers by force, then networks."""
    api = bench.engine.api
    with ThreadPoolExecutor(abreast) as pool:
        list(pool.map(lambda cid: api.remove_container(cid, v=True, force=True), containers))
        list(pool.map(api.remove_network, networks))


def sshd(public: str) -> list[str]:
    """What a plain host runs so that this key opens it."""
    served = "exec /usr/local/sbin/host-init /usr/sbin/sshd -D -e"
    return ["tini", "--", "sh", "-c", f"{_installed(public)} && {served}"]


def booted(public: str) -> list[str]:
    """The same of a host with systemd."""
    return ["sh", "-c", f"{_installed(public)} && exec /sbin/init"]


def host_image(bench: Bench) -> str:
    """The peers' image: ours, which has no command, with the floor's; made once for each run."""
    try:
        with translating("find the peers' image"):
            bench.engine.api.inspect_image(bench.host_image)  # type: ignore[no-untyped-call]
    except NotFound:
        command = ", ".join(f'"{word}"' for word in sshd(bench.key.client))
        recipe = f"FROM {bench.images['base']}\nCMD [{command}]\n"
        with translating("make the peers' image"):
            recipe_file = io.BytesIO(recipe.encode())
            # Without rm the containers of its steps stay.
            list(bench.engine.api.build(fileobj=recipe_file, tag=bench.host_image, rm=True))
            bench.engine.api.inspect_image(bench.host_image)  # type: ignore[no-untyped-call]
    return bench.host_image


def free_subnet() -> IPv4Network:
    """A subnet that most likely nobody has, from a range in which no world is built."""
    first = int(_SPACE.network_address) + 256 * secrets.randbelow(_SPACE.num_addresses // 256)
    return IPv4Network((first, 24))


def _network(bench: Bench) -> tuple[str, IPv4Network]:
    for _ in range(_TRIES):
        subnet = free_subnet()
        plan: Any = {"Driver": "default", "Config": [{"Subnet": str(subnet)}]}
        try:
            with translating("make a network"):
                made = bench.engine.api.create_network(
                    f"bench-{bench.token}-{secrets.token_hex(3)}",
                    driver="bridge",
                    # As labs have them: an open one costs the engine rules for its packet filter,
                    # and the floor would lie above what stands on it.
                    internal=True,
                    options={"com.docker.network.bridge.enable_ip_masquerade": "false"},
                    ipam=plan,
                    labels=bench.label,
                )
        except StageError as error:
            if "overlap" in str(error).lower():
                continue
            raise
        return str(made["Id"]), subnet
    raise StageError("no subnet is free for the floor")


def _host(
    bench: Bench,
    host: HostSpec,
    networks: dict[str, tuple[str, IPv4Network]],
    address: dict[str, str],
    slot: int,
) -> str:
    api = bench.engine.api
    first, *others = [(networks[name][0], own) for name, own in address.items()]
    # The kinds of limits that the program sets too, so the engine has the same to do.
    config: dict[str, Any] = api.create_host_config(
        network_mode=first[0],
        cap_add=list(host.caps),
        devices=list(host.devices),
        sysctls=dict(host.sysctls),
        mem_limit=host.memory.lower(),
        memswap_limit=host.memory.lower(),
        pids_limit=host.pids,
    )
    recipe = systemd_recipe(bench.engine, bench.images["base"]) if host.systemd else None
    if recipe:
        config |= recipe.host_config(slot, host.name)
    endpoints: Any = {first[0]: api.create_endpoint_config(ipv4_address=first[1])}
    made = str(
        api.create_container(
            image=bench.images[host.image],
            command=booted(bench.key.client) if recipe else sshd(bench.key.client),
            hostname=host.name,
            labels=bench.label,
            environment=recipe.environment if recipe else {},
            stop_signal=recipe.stop_signal if recipe else "SIGTERM",
            host_config=config,
            networking_config=api.create_networking_config(endpoints),
        )["Id"]
    )
    for network, own in others:
        api.connect_container_to_network(made, network, ipv4_address=own)
    api.start(made)
    return made


def _installed(public: str) -> str:
    # By the host's own shell: for an archive the engine would start itself anew.
    line = shlex.quote(f"ssh-ed25519 {public}")
    return f"mkdir -p -m 700 /root/.ssh && echo {line} > /root/.ssh/authorized_keys"
