"""What listens on a host."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply


@dataclass(frozen=True)
class ListeningPorts(Fact[frozenset[int]]):
    """The TCP ports at which something waits for others, that is, not on loopback only."""

    def command(self) -> str:
        """As the kernel sees it, whoever started it."""
        return "ss -Hltn"

    def read(self, reply: Reply) -> frozenset[int]:
        """The fourth column is address:port, the address perhaps in brackets or with a card."""
        if not reply.ok:
            raise UnreadableOutput(f"ss ended with {reply.status}: {reply.text!r}")
        found = set()
        for line in reply.stdout.splitlines():
            columns = line.split()
            address, _, port = columns[3].rpartition(":") if len(columns) > 3 else ("", "", "")  # noqa: PLR2004
            address = address.strip("[]").split("%")[0]
            if not port.isdigit():
                raise UnreadableOutput(f"expected address:port in the fourth column: {line!r}")
            if address == "*" or not ip_address(address).is_loopback:
                found.add(int(port))
        return frozenset(found)
