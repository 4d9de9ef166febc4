"""Building a world: a slot in the address plan, networks, hosts, until all are ready."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

from runner import addresses, fence, watchers
from runner.engine import Conflict, Engine, translating
from runner.errors import (
    AlreadyRunning,
    EngineUnavailable,
    HostNotReady,
    LabError,
    LookError,
    StageError,
)
from runner.firstboot import Luggage, luggage
from runner.host import Connection
from runner.printable import one_line
from runner.scenario import HostSpec, NetworkSpec, Scenario
from runner.session import (
    LABEL,
    PROVISIONAL,
    Container,
    Session,
    Tag,
    find_all,
    in_parallel,
    remove,
    remove_by_id,
)
from runner.waiting import tries

if TYPE_CHECKING:
    from runner.probe import SystemdRecipe

SETUP_LIMIT = 60.0
"""Seconds that a host's setup may take."""
ABREAST = 3
"""Hosts that are made at a time: so the first ones boot while the engine makes the others."""
RETURN_LIMIT = 10.0
"""Seconds that a restarted host is given to be ready once its systemd has nothing left to start."""
_BOOT_LIMIT = 15.0
"""Seconds that systemd gets to finish booting."""
_LARGEST_FILE = 1 << 30
"""Bytes of the largest file that a host may write."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a world is built on: images by name, and how systemd runs if some host needs it."""

    engine: Engine
    images: Mapping[str, str]
    systemd: SystemdRecipe | None


Opener = Callable[[Session, str], Connection]
"""Gives the out-of-band connection to a host of a session."""


def claim(
    engine: Engine, tag: Tag, networks: Mapping[str, bool]
) -> tuple[Tag, dict[str, IPv4Network]]:
    """Take a free slot: the tag with its slot, and the subnets that go with it.

    The claim is the first network, whose subnet the engine grants to one asker only.
    """
    fence.ensure(engine)
    watchers.ensure(engine)
    with translating("list its networks"):
        taken = [net for found in engine.api.networks() for net in _subnets_of(found)]
    if engine.local:
        taken += addresses.host_routes()
    for slot in addresses.free_slots(tag.seed, networks, taken):
        claimed = replace(tag, slot=slot)
        plan = addresses.subnets(slot, networks)
        first = next(iter(plan))
        try:
            _make_network(engine, claimed, first, plan[first], routed=len(plan) > 1)
        except StageError as error:
            if _overlaps(error):
                continue
            raise
        return claimed, plan
    raise StageError(
        f"all {addresses.SLOTS} places of the address plan are taken",
        remedy="./lab status --all shows what runs; ./lab stop --all removes it",
    )


def build(ground: Ground, tag: Tag, scenario: Scenario, connect: Opener) -> Session:
    """Build the world of a claimed tag and return it once every host is ready.

    Whatever stops it, Ctrl-C included, nothing stays behind; after a `kill -9` the anchor's
    provisional name says that the world is not to be resumed.
    """
    try:
        return _built(ground, tag, scenario, connect)
    except BaseException:
        remove_by_id(ground.engine, tag.session)
        raise


def await_ready(session: Session, scenario: Scenario, connect: Opener) -> None:
    """Wait until every host says that it is ready; HostNotReady says which one is not."""
    in_parallel(
        lambda host: _await(session, host, connect, patience=inf), scenario.hosts, finish=False
    )


def await_return(session: Session, scenario: Scenario, connect: Opener) -> None:
    """Wait until every host is ready again, or will not be by itself; HostNotReady then.

    That is known of a host with systemd once nothing of it is being started or is to be. What it
    calls started gets `RETURN_LIMIT` to do its work.
    """
    in_parallel(
        lambda host: _await(session, host, connect, patience=RETURN_LIMIT),
        scenario.hosts,
        finish=False,
    )


def _await(session: Session, host: HostSpec, connect: Opener, *, patience: float) -> None:
    if host.systemd:
        _await_boot(session, host, connect)
    if not host.ready:
        return
    said, settled = "", inf
    for left in tries(host.ready_within):
        try:
            line = connect(session, host.name)
            reply = line.run(host.ready, timeout=max(left, 1.0))
            if reply.ok:
                return
            said = one_line(reply.text)
            if patience < inf and host.systemd:
                more = not line.run(_SETTLED, timeout=max(left, 1.0)).ok
                settled = inf if more else min(settled, monotonic())
        except LookError as error:
            said = str(error)
        if monotonic() - settled >= patience:
            break
    raise HostNotReady(
        f"host {host.name} was not ready after {host.ready_within} s: {said or 'no answer'}",
        remedy="./lab reset builds the world anew; ./lab doctor looks at the machine",
    )


def _built(ground: Ground, tag: Tag, scenario: Scenario, connect: Opener) -> Session:
    networks = _networks(ground.engine, tag, scenario)
    anchor = scenario.hosts[0]
    bags = {host.name: luggage(host) for host in scenario.hosts}
    # The anchor is there before any other host: without it they would look like a whole world.
    first = _make_host(ground, tag, anchor, networks, bags[anchor.name], anchor=True)

    def begin(host: HostSpec) -> Session:
        bag = bags[host.name]
        made = first if host is anchor else _make_host(ground, tag, host, networks, bag)
        _start_host(ground, host, made.id, networks, bag)
        return Session(tag, (made,), networks)

    def prepare(host: HostSpec) -> None:
        session = begun[host.name].result()
        _first_connection(session, host, connect)
        if host.setup:
            _set_up(session, host, connect)

    with ThreadPoolExecutor(ABREAST) as beginning:  # leaving it waits for what was begun
        # What takes longest to boot goes first: it boots while the engine makes the others.
        begun = {
            host.name: beginning.submit(begin, host)
            for host in sorted(scenario.hosts, key=lambda host: not host.systemd)
        }
        try:
            in_parallel(prepare, scenario.hosts, finish=False)
        except BaseException:
            beginning.shutdown(wait=False, cancel_futures=True)
            raise
    session = _among(find_all(ground.engine), tag)
    await_ready(session, scenario, connect)
    try:
        with translating("name the finished world"):
            ground.engine.api.rename(
                session.container(anchor.name).id, f"{tag.prefix}-{anchor.name}"
            )
    except Conflict:
        raise _another(tag) from None
    return _finished(ground.engine, tag)


def _finished(engine: Engine, tag: Tag) -> Session:
    """The finished world, alone: what a killed start of it told the engine is done even late."""
    worlds = find_all(engine)
    for other in worlds:
        same = (other.tag.apprentice, other.tag.code) == (tag.apprentice, tag.code)
        if same and not other.complete:
            remove(engine, other)
    return _among(worlds, tag)


def _among(worlds: Iterable[Session], tag: Tag) -> Session:
    for session in worlds:
        if session.tag.session == tag.session:
            return session
    raise StageError(f"the world of {tag.code} was removed while it was being built")


def _networks(engine: Engine, tag: Tag, scenario: Scenario) -> dict[str, str]:
    """Network ids by name; the claimed one exists already."""
    with translating("list its networks"):
        there = engine.api.networks(filters={"label": [f"{LABEL}={tag.session}"]})
    made = {found["Labels"]["lab.network"]: found["Id"] for found in there}

    def make(network: NetworkSpec) -> tuple[str, str]:
        found = _make_network(
            engine, tag, network.name, network.subnet, routed=len(scenario.networks) > 1
        )
        return network.name, found

    missing = [network for network in scenario.networks if network.name not in made]
    return made | dict(in_parallel(make, missing))


def _make_network(engine: Engine, tag: Tag, name: str, subnet: IPv4Network, *, routed: bool) -> str:
    # Nothing of the engine's machine has an address on the segment: there is nothing to reach and
    # no way back, so no way out either. "internal" says the same once more in firewall rules, but
    # where the engine filters bridged frames those rules also drop what a lab's own gateway routes
    # from one segment to the next.
    internal = not (routed and engine.bridge_filter)
    plan: Any = {
        "Driver": "default",
        "Config": [{"Subnet": str(subnet), "Gateway": str(subnet[1])}],
    }
    with translating(f"make network {name}"):
        made: dict[str, Any] = engine.api.create_network(
            # Two of one name are not refused where they are made at the same moment, and no host of
            # either can then be started.
            f"{tag.prefix}-{name}-{tag.session}",
            driver="bridge",
            internal=internal,
            options={
                # A name by which the machine's packet filter knows it: see the fence.
                "com.docker.network.bridge.name": fence.bridge(tag.slot, subnet),
                "com.docker.network.bridge.inhibit_ipv4": "true",
                "com.docker.network.bridge.enable_ip_masquerade": "false",
            },
            ipam=plan,
            labels={**tag.labels(), "lab.network": name},
        )
    return str(made["Id"])


def _make_host(
    ground: Ground,
    tag: Tag,
    host: HostSpec,
    networks: Mapping[str, str],
    bag: Luggage,
    *,
    anchor: bool = False,
) -> Container:
    """The host's container, made but not started; the anchor gets its provisional name."""
    api = ground.engine.api
    first, address = next(iter(host.address.items()))
    name = f"{tag.prefix}-{host.name}" + (PROVISIONAL if anchor else "")
    systemd = ground.systemd if host.systemd else None
    endpoint = api.create_endpoint_config(ipv4_address=address)
    endpoints: Any = {networks[first]: endpoint}  # the SDK's stubs know one endpoint only
    try:
        with translating(f"make host {host.name}"):
            made = api.create_container(
                image=ground.images[host.image],
                command=list(bag.command),
                hostname=host.name,
                name=name,
                labels={
                    **tag.labels(),
                    "lab.host": host.name,
                    "lab.administered": "yes" if host.administered else "no",
                },
                environment=systemd.environment if systemd else {},
                stop_signal=systemd.stop_signal if systemd else "SIGTERM",
                host_config=_host_config(ground, tag, host, networks[first]),
                networking_config=api.create_networking_config(endpoints),
            )
    except Conflict:
        raise _another(tag) from None
    return Container(str(made["Id"]), host.name, name, "created", host.administered)


def _start_host(
    ground: Ground, host: HostSpec, made: str, networks: Mapping[str, str], bag: Luggage
) -> None:
    api = ground.engine.api
    with translating(f"start host {host.name}"):
        for network, address in [*host.address.items()][1:]:
            api.connect_container_to_network(made, networks[network], ipv4_address=address)
        if bag.archive:
            api.put_archive(made, "/", bag.archive)
        api.start(made)


def _another(tag: Tag) -> AlreadyRunning:
    return AlreadyRunning(
        f"another program starts {tag.code} for {tag.apprentice} at this moment",
        remedy="wait for it; ./lab status shows when it is there",
    )


def _host_config(ground: Ground, tag: Tag, host: HostSpec, network: str) -> dict[str, Any]:
    log: Any = {"Type": "local", "Config": {"max-size": "1m", "max-file": "2"}}
    limits: Any = [{"Name": "fsize", "Soft": _LARGEST_FILE, "Hard": _LARGEST_FILE}]
    config: dict[str, Any] = ground.engine.api.create_host_config(
        network_mode=network,
        cap_add=list(host.caps),
        devices=list(host.devices),
        sysctls=dict(host.sysctls),
        mem_limit=host.memory.lower(),
        memswap_limit=host.memory.lower(),
        pids_limit=host.pids,
        # The engine's resolver must not carry questions out of the lab: it asks this address,
        # where nothing listens, and gives up at once.
        dns=["127.0.0.1"],
        extra_hosts=dict(host.known),
        restart_policy={"Name": "no"},
        log_config=log,
        # One runaway file must not fill the disk of the machine that everybody shares.
        ulimits=limits,
    )
    if host.systemd:
        if ground.systemd is None:
            raise EngineUnavailable("this engine was not probed for systemd")
        config |= ground.systemd.host_config(tag.slot, host.name)
    return config


def _set_up(session: Session, host: HostSpec, connect: Opener) -> None:
    script = f"set -eu\n{host.setup}"
    try:
        reply = connect(session, host.name).run("sh -s", stdin=script.encode(), timeout=SETUP_LIMIT)
    except LookError as error:
        raise HostNotReady(f"host {host.name} could not be set up: {error}") from error
    if not reply.ok:
        raise HostNotReady(
            f"the setup of host {host.name} ended with {reply.status}: {one_line(reply.text)}",
            remedy="this is a fault of the scenario: tell its author",
        )


def _first_connection(session: Session, host: HostSpec, connect: Opener) -> None:
    """Open the line to a host that may still be booting, and wait until it has."""
    failed: LookError | None = None
    for _ in tries(host.ready_within):
        try:
            connect(session, host.name)
        except LookError as error:
            failed = error
        else:
            if host.systemd:
                _await_boot(session, host, connect)
            return
    raise HostNotReady(f"host {host.name} did not come up: {failed}") from failed


def _await_boot(session: Session, host: HostSpec, connect: Opener) -> None:
    """Wait until systemd has started everything, or long enough.

    A service that never gets done is what `ready` and the checks will speak of.
    """
    for left in tries(_BOOT_LIMIT):
        with suppress(LookError):
            if connect(session, host.name).run(_BOOTED, timeout=max(left, 1.0)).ok:
                return


# Waits inside the host, where it costs nothing, until systemd has started everything; it says no
# at once as long as systemd does not listen yet.
_BOOTED = (
    "case $(systemctl is-system-running --wait 2>&1) in running|degraded) ;; *) exit 1 ;; esac"
)
# What waits to be started again counts as being started.
_SETTLED = (
    "case $(systemctl is-system-running 2>&1) in running|degraded) ;; *) exit 1 ;; esac; "
    "LC_ALL=C; export LC_ALL; "
    '[ -z "$(systemctl list-units --no-legend --state=activating,reloading)" ] && '
    '[ -z "$(systemctl list-jobs --no-legend)" ]'
)


def _subnets_of(network: Mapping[str, Any]) -> list[IPv4Network]:
    pools = (network.get("IPAM") or {}).get("Config") or []
    found = []
    for pool in pools:
        text = str(pool.get("Subnet", ""))
        if "." in text:
            found.append(IPv4Network(shlex.split(text)[0], strict=False))
    return found


def _overlaps(error: LabError) -> bool:
    return "overlap" in str(error).lower()
