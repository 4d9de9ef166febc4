"""The address plan: which subnets a session gets, so that many live side by side.

Slots are numbered from 1 to 255. A slot owns sixteen private /24 networks and two public ones, the
latter from the range that is reserved for benchmarks (RFC 2544) and therefore stands for "the
internet" without belonging to anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network
from pathlib import Path

from runner.errors import StageError

SLOTS = 255
_PRIVATE = IPv4Network("10.96.0.0/12")
_PUBLIC = IPv4Network("198.18.0.0/15")
PRIVATE_EACH = 16
PUBLIC_EACH = 2


def subnets(slot: int, networks: Mapping[str, bool]) -> dict[str, IPv4Network]:
    """The subnets of a slot by network name; `networks` says of each whether it is public."""
    private = _run(_PRIVATE, slot * PRIVATE_EACH, PRIVATE_EACH)
    public = _run(_PUBLIC, slot * PUBLIC_EACH, PUBLIC_EACH)
    try:
        return {name: next(public if outside else private) for name, outside in networks.items()}
    except StopIteration:
        raise StageError(
            f"a world may have {PRIVATE_EACH} private and {PUBLIC_EACH} public networks; "
            f"this one has {len(networks)}"
        ) from None


def free_slots(
    seed: int, networks: Mapping[str, bool], taken: Iterable[IPv4Network]
) -> Iterator[int]:
    """Slots that collide with nothing in `taken`, from the one that the seed prefers.

    The same seed thus gets the same addresses wherever they are free.
    """
    occupied = [_ends(network) for network in taken if network.prefixlen > 0]
    for step in range(SLOTS):
        slot = (seed + step) % SLOTS + 1
        wanted = [_ends(network) for network in subnets(slot, networks).values()]
        if not any(a <= last and first <= b for a, b in wanted for first, last in occupied):
            yield slot


def host_routes(table: Path = Path("/proc/net/route")) -> list[IPv4Network]:
    """The networks that this machine already routes; none where the system does not say."""
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return []
    found = []
    for line in lines:
        _, destination, *_, mask, _, _, _ = line.split()
        found.append(IPv4Network((_little_endian(destination), _bits(mask))))
    return found


def _ends(network: IPv4Network) -> tuple[int, int]:
    """The first and last address as numbers, which compare much faster."""
    return int(network.network_address), int(network.broadcast_address)


def _run(space: IPv4Network, first: int, count: int) -> Iterator[IPv4Network]:
    base = int(space.network_address)
    return (IPv4Network((base + (first + n) * 256, 24)) for n in range(count))


def _little_endian(word: str) -> int:
    return int.from_bytes(bytes.fromhex(word), "little")


def _bits(mask: str) -> int:
    return _little_endian(mask).bit_count()
