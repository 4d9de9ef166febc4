"""Where a host sends what is for somewhere else."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply


@dataclass(frozen=True)
class CardTowards(Fact[str]):
    """The network card by which packets for `address` leave."""

    address: str

    def command(self) -> str:
        """Only asks the routing table: nothing is sent."""
        return f"ip -o -4 route get {shlex.quote(self.address)}"

    def read(self, reply: Reply) -> str:
        """The word behind `dev`."""
        match = re.search(r" dev (\S+)", reply.stdout)
        if match is None:
            raise UnreadableOutput(f"no way to it was found: {reply.text!r}")
        return match[1]
