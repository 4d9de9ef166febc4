"""Services under systemd."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply


@dataclass(frozen=True)
class UnitState(Fact[str]):
    """What systemd says of a unit: active, inactive, failed, activating, ..."""

    unit: str

    def command(self) -> str:
        """The exit status only repeats the word."""
        return f"systemctl is-active -- {shlex.quote(self.unit)}"

    def read(self, reply: Reply) -> str:
        """One word."""
        words = reply.stdout.split()
        if len(words) != 1:
            raise UnreadableOutput(f"systemd did not name one state: {reply.text!r}")
        return words[0]
