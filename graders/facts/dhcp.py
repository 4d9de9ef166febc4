"""Addresses by DHCP: what a server offers to a network card, and what it has let."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

_LEASES = "/var/lib/misc/dnsmasq.leases"
_PATIENCE = 5
"""Seconds that a server gets to answer."""
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a card would get: an address, for so many seconds, and perhaps a name with it."""

    address: str
    seconds: int
    name: str = ""


@dataclass(frozen=True)
class Offers(Fact[Mapping[str, Offer]]):
    """What the network offers to cards with these hardware addresses; nothing is taken up.

    Servers answer one after the other, so who has no offer when the last card has its own gets
    none. Let the last be one that is known: an offer takes milliseconds, only silence takes long.
    """

    macs: tuple[str, ...]

    timeout = _PATIENCE + 6.0

    def command(self) -> str:
        """A client that asks and goes no further."""
        return shlex.join(("python3", "-c", _ASK, str(_PATIENCE), *self.macs))

    def read(self, reply: Reply) -> Mapping[str, Offer]:
        """A line for each offer: hardware address, address, seconds, name; at last the word end."""
        *lines, last = reply.stdout.splitlines() or [""]
        if not reply.ok or last != "end":
            raise UnreadableOutput(f"addresses cannot be asked for: {reply.text[-300:]!r}")
        found = {}
        for line in lines:
            mac, address, seconds, name = (*line.split(" ", 3), "", "", "")[:4]
            if not seconds.isdigit():
                raise UnreadableOutput(f"expected 'mac address seconds name', found {line!r}")
            found[mac] = Offer(str(IPv4Address(address)), int(seconds), name)
        return found


@dataclass(frozen=True, slots=True)
class Lease:
    """An address that is let until a moment, in seconds since 1970; 0 is for ever."""

    address: str
    until: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The leases of a server by hardware address, as they were at a moment of its clock."""

    now: int
    leases: Mapping[str, Lease]


@dataclass(frozen=True)
class LeaseLedger(Fact[Ledger]):
    """What dnsmasq on the asked host has let."""

    def command(self) -> str:
        """No leases is no file, or an empty one."""
        return f"date +%s && {{ [ ! -e {_LEASES} ] || cat {_LEASES}; }}"

    def read(self, reply: Reply) -> Ledger:
        """The clock, then `until mac address name client` in each line; IPv6 is left out."""
        now, *lines = reply.stdout.splitlines() or [""]
        if not reply.ok or not now.isdigit():
            raise UnreadableOutput(f"the leases cannot be read: {reply.text[:200]!r}")
        rows = (line.split() for line in lines)
        return Ledger(
            int(now),
            {
                row[1].lower(): Lease(row[2], int(row[0]))
                for row in rows
                if len(row) > 2 and row[0].isdigit() and _MAC.fullmatch(row[1].lower())  # noqa: PLR2004
            },
        )


# An offer comes to everybody (bit 15 of the flags), so it is heard whatever card it is for.
# Option 53 says that this is a question and 55 what is wanted: 12 is the name, 51 the time.
_ASK = """\
import os, socket, struct, sys, time
end, macs = time.monotonic() + float(sys.argv[1]), sys.argv[2:]
line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for option in socket.SO_REUSEADDR, socket.SO_BROADCAST:
    line.setsockopt(socket.SOL_SOCKET, option, 1)
line.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
line.bind(("", 68))
first = int.from_bytes(os.urandom(3), "big") << 8
for number, mac in enumerate(macs):
    card = bytes.fromhex(mac.replace(":", ""))
    head = struct.pack("!4BIHH16x6s202xI", 1, 1, 6, 0, first + number, 0, 1 << 15, card, 0x63825363)
    line.sendto(head + bytes((53, 1, 1, 55, 2, 12, 51, 255)), ("255.255.255.255", 67))
while time.monotonic() < end:
    line.settimeout(max(end - time.monotonic(), 0.01))
    try:
        heard = line.recv(2000)
    except TimeoutError:
        break
    number = int.from_bytes(heard[4:8], "big") - first
    if heard[0] != 2 or not 0 <= number < len(macs):
        continue
    options, rest = {}, heard[240:]
    while rest and rest[0] != 255:
        after = 2 + rest[1]
        options[rest[0]], rest = rest[2:after], rest[after:]
    if options.get(53) == bytes((2,)):
        seconds = int.from_bytes(options.get(51, b""), "big")
        name = options.get(12, b"").decode("ascii", "replace")
        print(macs[number], socket.inet_ntoa(heard[16:20]), seconds, name)
    if number == len(macs) - 1:
        break
print("end")
"""
