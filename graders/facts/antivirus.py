"""What the virus scanner recognises."""

from __future__ import annotations

import re
from dataclasses import dataclass

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What ClamAV's daemon said of a sample; `virus` is empty where it found nothing."""

    running: bool
    virus: str = ""


@dataclass(frozen=True)
class Scanned(Fact[Diagnosis]):
    """What the scanner daemon says of `sample`, which is not shown in the evidence."""

    sample: str

    def command(self) -> str:
        """The sample goes through the daemon's own socket."""
        return "clamdscan --no-summary -"

    def stdin(self) -> bytes:
        """The sample itself."""
        return self.sample.encode()

    def read(self, reply: Reply) -> Diagnosis:
        """`stream: NAME FOUND`, `stream: OK`, or no daemon."""
        found = re.search(r"^stream: (?:(\S+) FOUND|OK)$", reply.stdout, re.MULTILINE)
        if found:
            return Diagnosis(running=True, virus=found[1] or "")
        if "Could not connect to clamd" in reply.text or "Can't connect to clamd" in reply.text:
            return Diagnosis(running=False)
        raise UnreadableOutput(f"clamdscan said neither OK nor FOUND: {reply.text!r}")
