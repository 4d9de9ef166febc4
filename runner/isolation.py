"""Isolation: no packet of a world gets out of it, however hard its hosts try.

Every host sends to the internet, to the engine's machine and to a host of another session, first as
any program would, then with routes and neighbours of its own making. What is sent says who sent it,
and is looked for where it would arrive: at a listener on this machine, on this machine's network
cards, and in a neighbour, a small world that is built for it.
"""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import IPv4Network
from itertools import pairwise
from pathlib import Path
from select import select
from time import monotonic
from typing import Any

from runner import building, session
from runner.building import Ground
from runner.engine import Engine, translating
from runner.errors import LookError
from runner.findings import Problem, Proof
from runner.lines import Lines
from runner.practical import Practical
from runner.scenario import HostSpec, NetworkSpec, Scenario
from runner.session import Session

INTERNET = ("1.1.1.1", "8.8.8.8", "9.9.9.9")
"""Addresses outside that answer everybody: to TCP at 443, to questions at 53."""
ENGINE_PORTS = (2375, 2376)
"""Where an engine listens that serves a network."""
TRY_LIMIT = 15.0
"""Seconds that one host's tries may take; two or three are usual."""

_PORT = 7
_HEARD = "/tmp/heard"  # noqa: S108 - in a host that is there for seconds
_NEIGHBOUR = "neighbour"
_EVERY_PROTOCOL = 0x0003
_ABREAST = 32
"""Tries of one host at the same time, most of which wait for an answer that does not come."""
_DRAIN = 0.3
"""Seconds in which what was sent last arrives."""


@dataclass(frozen=True, slots=True, order=True)
class Arrival:
    """What got out: who sent it, how (TCP, UDP, either by forged routes), and where it came to."""

    host: str
    how: str
    where: str

    def __str__(self) -> str:
        kind = self.how.removeprefix("forged-")
        by = " by a route and a neighbour entry of its own" if kind != self.how else ""
        return f"host {self.host} gets {kind} {self.where}{by}"


def breaches(engine: Engine, work: Practical, lines: Lines) -> list[Problem]:
    """Ways out of the world; none is expected. The hosts' routes are afterwards as they were.

    Where the engine runs elsewhere nothing listens on its machine, so only answers are noticed;
    what leaves by a card of this machine is noticed by root only.
    """
    mark = secrets.token_hex(6)
    machine = _machine(engine, work)
    with ExitStack() as opened:
        there = opened.enter_context(neighbour(engine, work))
        ears = opened.enter_context(listening(engine, work, mark)) if engine.local else None
        targets = [(there.address, _PORT), *((address, 53) for address in INTERNET)]
        targets += [(address, ears.port) for address in machine if ears is not None]

        def tried(host: HostSpec) -> list[Problem]:
            script = _tries(mark, host, targets, machine)
            if ears is not None and "NET_ADMIN" in host.caps:
                script += _forged(mark, host.name, targets, _ways(engine, work, host.name))
            try:
                reply = lines.open(work.session, host.name).run(
                    "bash -s", stdin=f"{script}echo tried\n".encode(), timeout=TRY_LIMIT
                )
            except LookError as error:
                return [_problem(f"host {host.name} could not try: {error}")]
            return _answered(host.name, reply.stdout)

        found = [p for each in session.in_parallel(tried, work.world.hosts) for p in each]
        arrived = ears.all() if ears is not None else set()
        arrived |= read_arrivals(there.heard(), mark, "to a host of another session")
    return found + [_problem(str(one)) for one in sorted(arrived)]


def read_arrivals(text: str, mark: str, where: str) -> set[Arrival]:
    """What arrived, from the messages in `text`: each is the mark, the host and how it was sent."""
    found = set()
    for line in text.splitlines():
        _, marked, rest = line.partition(f"{mark} ")
        words = rest.split()
        if marked and len(words) > 1:
            found.add(Arrival(words[0], words[1], where))
    return found


@dataclass(frozen=True)
class Neighbour:
    """Another session's world: one host that writes down what comes to it."""

    session: Session
    address: str
    lines: Lines

    def heard(self) -> str:
        """What has come to it."""
        return self.lines.open(self.session, _NEIGHBOUR).run(f"cat {_HEARD}").stdout


@contextmanager
def neighbour(engine: Engine, work: Practical) -> Iterator[Neighbour]:
    """A world of another session, built as every world is, and gone in the end."""
    began = datetime.now(UTC)
    tag = replace(
        work.session.tag, session=secrets.token_hex(4), code=_NEIGHBOUR, slot=0, started=began
    )
    with translating("look at the image of a host"):
        found = engine.api.inspect_container(work.session.containers[0].id)
    try:
        tag, plan = building.claim(engine, tag, {_NEIGHBOUR: False})
        world = _listener(plan[_NEIGHBOUR])
        ground = Ground(engine, {_NEIGHBOUR: found["Config"]["Image"]}, systemd=None)
        with Lines(engine) as opened:
            built = building.build(ground, tag, world, opened.open)
            yield Neighbour(built, world.hosts[0].address[_NEIGHBOUR], opened)
    finally:
        session.remove_by_id(engine, tag.session)


@contextmanager
def listening(engine: Engine, work: Practical, mark: str) -> Iterator[Ears]:
    """Listen on this machine, which is the engine's."""
    inside = {
        _bridge(engine, network)
        for container in work.session.containers
        for network in _ends(engine, container.id)
    }
    ears = Ears(mark, frozenset(inside))
    try:
        yield ears
    finally:
        ears.close()


class Ears:
    """Hears at one port of all addresses, TCP and UDP, and on all cards but those `inside`."""

    def __init__(self, mark: str, inside: frozenset[str]) -> None:
        self._mark = mark
        self._inside = inside
        self._heard: set[Arrival] = set()
        self._tcp = socket.create_server(("0.0.0.0", 0))  # noqa: S104 - every address is the point
        self.port = int(self._tcp.getsockname()[1])
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("0.0.0.0", self.port))  # noqa: S104 - the same
        self._all = [self._tcp, self._udp]
        with suppress(PermissionError, AttributeError):
            family, protocol = socket.AF_PACKET, socket.htons(_EVERY_PROTOCOL)
            self._all.append(socket.socket(family, socket.SOCK_RAW, protocol))
        self._until = float("inf")
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def all(self) -> set[Arrival]:
        """What was heard; nothing more is from here on."""
        self._until = min(self._until, monotonic() + _DRAIN)
        self._thread.join()
        return set(self._heard)

    def close(self) -> None:
        """Let the sockets go."""
        self.all()
        for one in self._all:
            one.close()

    def _listen(self) -> None:
        while monotonic() < self._until:
            ready, _, _ = select(self._all, [], [], 0.05)
            for one in ready:
                with suppress(OSError):
                    self._take(one)

    def _take(self, one: socket.socket) -> None:
        if one is self._tcp:
            caller, _ = one.accept()
            with caller:
                caller.settimeout(0.5)
                self._hear(caller.recv(200), "to the engine's machine")
        elif one is self._udp:
            self._hear(one.recv(200), "to the engine's machine")
        else:
            packet, (card, *_) = one.recvfrom(400)
            if card not in self._inside and not card.startswith(("veth", "lo")):
                self._hear(packet, f"out by card {card} of the engine's machine")

    def _hear(self, data: bytes, where: str) -> None:
        if self._mark.encode() in data:
            self._heard |= read_arrivals(data.decode("latin-1"), self._mark, where)


# What prints had an answer.
_TRY = r"""
try='case $1 in
say) exec 3<>/dev/tcp/$2/$3 && echo "$4 $5 TCP" >&3 ;;
tcp) exec 3<>/dev/tcp/$2/$3 && echo "TCP $2:$3" ;;
ask) exec 3<>/dev/udp/$2/$3 && printf "\22\64\1\0\0\1\0\0\0\0\0\0\0\0\2\0\1" >&3 &&
    read -r -t 1 -N 1 -u 3 && echo "UDP $2:$3" ;;
esac 2>/dev/null'
[ ! -S /var/run/docker.sock ] || echo "the engine's socket"
xargs -L 1 -P {abreast} timeout 1 bash -c "$try" try <<'END'"""


def _tries(
    mark: str, host: HostSpec, targets: list[tuple[str, int]], machine: tuple[str, ...]
) -> str:
    """What any program of the host could do."""
    wanted = [f"say {address} {port} {mark} {host.name}" for address, port in targets]
    wanted += [f"tcp {address} {port}" for address in machine for port in ENGINE_PORTS]
    wanted += [f"tcp {address} 443" for address in INTERNET]
    wanted += [f"ask {address} 53" for address in INTERNET]
    # Each is two processes of one or two megabytes, for which the host must have room.
    abreast = min(_ABREAST, host.pids // 8, int(host.memory.rstrip("Mm")) // 4)
    sent = _datagrams(f"{mark} {host.name} UDP", targets)
    return "\n".join([*sent, _TRY.format(abreast=max(abreast, 1)), *wanted, "END\n"])


def _forged(
    mark: str, host: str, targets: list[tuple[str, int]], ways: list[tuple[str, str]]
) -> str:
    """What root can do as well: say that each target is at the other end of the bridge."""
    addresses = " ".join(dict.fromkeys(address for address, _ in targets))
    hello = f"{mark} {host} forged-TCP"
    calls = [f"call '{hello}' {address} {port} &" for address, port in targets]
    script = [_FORGE]
    for own, hardware in ways:
        script += [
            f"lay {own} {hardware} {addresses}",
            *_datagrams(f"{mark} {host} forged-UDP", targets),
            *calls,
            "wait",
            f"take_back {own} {addresses}",
        ]
    return "\n".join([*script, ""])


# How long a call waits is enough for an answer from a machine that is one hop away.
_FORGE = """\
card_of() { ip -o -4 addr | awk -v a="$1" '{ split($4, p, "/"); if (p[1] == a) print $2 }'; }
lay() {
    card=$(card_of "$1") hardware=$2; shift 2
    for a; do
        ip route replace "$a/32" dev "$card" && ip neigh replace "$a" lladdr "$hardware" dev "$card"
    done 2>/dev/null
}
take_back() {
    card=$(card_of "$1"); shift
    for a; do ip route del "$a/32" dev "$card"; ip neigh del "$a" dev "$card"; done 2>/dev/null
}
call() { timeout 0.4 bash -c 'echo "$0" > "/dev/tcp/$1/$2"' "$@" 2>/dev/null; }
"""


def _datagrams(message: str, targets: list[tuple[str, int]]) -> list[str]:
    return [f"{{ echo '{message}' > /dev/udp/{a}/{port}; }} 2>/dev/null" for a, port in targets]


def _answered(host: str, said: str) -> list[Problem]:
    *answers, last = said.splitlines() or [""]
    if last != "tried":
        return [_problem(f"host {host} could not try: its shell ended before it was done")]
    listed = ", ".join(sorted(set(answers)))
    return [_problem(f"host {host} gets an answer from {listed}")] if answers else []


def _machine(engine: Engine, work: Practical) -> tuple[str, ...]:
    """The addresses at which the engine's machine might be reached."""
    found = [str(network.subnet[1]) for network in work.world.networks]
    if not engine.local:
        return (*found, "172.17.0.1")
    lines = Path("/proc/net/fib_trie").read_text(encoding="ascii").splitlines()
    for line, below in pairwise(lines):
        if below.strip() == "/32 host LOCAL":
            found.append(line.split()[-1])
    own = {address for host in work.world.hosts for address in host.address.values()}
    return tuple(
        one for one in dict.fromkeys(found) if one not in own and not one.startswith("127.")
    )


def _ways(engine: Engine, work: Practical, host: str) -> list[tuple[str, str]]:
    """The host's addresses, and the hardware address of the bridge at the other end of each."""
    found = []
    for network, end in _ends(engine, work.session.container(host).id).items():
        card = Path("/sys/class/net") / _bridge(engine, network) / "address"
        with suppress(OSError):
            found.append((str(end["IPAddress"]), card.read_text(encoding="ascii").strip()))
    return found


def _ends(engine: Engine, container: str) -> dict[str, Any]:
    """A container's ends on networks, by network id."""
    with translating("look at a host's networks"):
        seen = engine.api.inspect_container(container)["NetworkSettings"]["Networks"]
    return {end["NetworkID"]: end for end in seen.values()}


def _bridge(engine: Engine, network: str) -> str:
    with translating("look at a network"):
        options = engine.api.inspect_network(network)["Options"] or {}
    return str(options.get("com.docker.network.bridge.name", f"br-{network[:12]}"))


def _listener(subnet: IPv4Network) -> Scenario:
    host = HostSpec(
        name=_NEIGHBOUR,
        title="somebody else's",
        image=_NEIGHBOUR,
        systemd=False,
        command=f"sh -c 'nc -lku {_PORT} >> {_HEARD} & exec nc -lk {_PORT} >> {_HEARD}'",
        address={_NEIGHBOUR: str(subnet[2])},
        # As hosts of other sessions have one: a host without sends no answer.
        gateway=str(subnet[1]),
        dns=None,
        administered=False,
        caps=("NET_ADMIN",),
        devices=(),
        sysctls={},
        memory="32M",
        pids=64,
        login="root",
        setup="",
        ready=f"ss -Hltn 'sport = :{_PORT}' | grep -q . && ss -Hlun 'sport = :{_PORT}' | grep -q .",
        ready_within=10,
        files=(),
        known={},
    )
    network = NetworkSpec(_NEIGHBOUR, host.title, public=False, subnet=subnet)
    return Scenario(_NEIGHBOUR, host.title, "", (network,), (host,))


def _problem(text: str) -> Problem:
    return Problem(Proof.ISOLATION, text)
