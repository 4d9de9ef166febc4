"""What a name server says about a name."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from ipaddress import IPv4Address

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

_NO_REPLY = 9


@dataclass(frozen=True)
class Resolved(Fact[tuple[str, ...]]):
    """The IPv4 addresses that `server` gives for `name`; none if it knows none or is silent."""

    name: str
    server: str
    wait: int = 5

    def command(self) -> str:
        """One question, asked once, of this server only."""
        return (
            f"dig +short +tries=1 +time={self.wait} @{shlex.quote(self.server)}"
            f" {shlex.quote(self.name)} A"
        )

    def read(self, reply: Reply) -> tuple[str, ...]:
        """An address a line; lines with other names are aliases on the way."""
        if reply.status == _NO_REPLY:
            return ()
        lines = [line.strip() for line in reply.stdout.splitlines()]
        if not reply.ok or any(line.startswith(";") for line in lines):
            raise UnreadableOutput(f"dig ended with {reply.status}: {reply.text!r}")
        return tuple(sorted(str(IPv4Address(line)) for line in lines if line[-1:].isdigit()))


@dataclass(frozen=True)
class NamesOf(Fact[tuple[str, ...]]):
    """The names that `server` gives for an IPv4 address; none if it knows none or is silent."""

    address: str
    server: str
    wait: int = 5

    def command(self) -> str:
        """One question, asked once, of this server only."""
        return (
            f"dig +short +tries=1 +time={self.wait} @{shlex.quote(self.server)}"
            f" -x {shlex.quote(self.address)}"
        )

    def read(self, reply: Reply) -> tuple[str, ...]:
        """A name a line, with a dot at its end."""
        if reply.status == _NO_REPLY:
            return ()
        lines = [line.strip() for line in reply.stdout.splitlines() if line.strip()]
        if not reply.ok or any(line.startswith(";") for line in lines):
            raise UnreadableOutput(f"dig ended with {reply.status}: {reply.text!r}")
        return tuple(sorted(line.rstrip(".").lower() for line in lines))
