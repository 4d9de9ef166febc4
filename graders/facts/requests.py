"""What a web server was asked, as it notes it down: a JSON object a line."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply


@dataclass(frozen=True)
class Requests(Fact[tuple[Mapping[str, str], ...]]):
    """The requests in `log` that mention `mark`, oldest first.

    A server answers before it notes down that it did: for `patience` seconds one is waited for.
    """

    log: str
    mark: str
    patience: int = 0

    def command(self) -> str:
        """That no line mentions it is an answer."""
        look = f"grep -aF -- {shlex.quote(self.mark)} {shlex.quote(self.log)}"
        return (
            f"( n=0; until {look}; do s=$?; [ $s -eq 1 ] || exit $s; "
            f"[ $((n += 1)) -le {10 * self.patience} ] || exit 0; sleep 0.1; done )"
        )

    def read(self, reply: Reply) -> tuple[Mapping[str, str], ...]:
        """Its fields are the log's own."""
        if not reply.ok:
            raise UnreadableOutput(f"{self.log} cannot be read: {reply.text[:200]}")
        found = []
        for line in reply.stdout.splitlines():
            try:
                entry = json.loads(line)
            except ValueError as error:
                raise UnreadableOutput(
                    f"{self.log} has a line that is no JSON: {line!r}"
                ) from error
            if not isinstance(entry, dict):
                raise UnreadableOutput(f"{self.log} has a line that is no object: {line!r}")
            found.append({str(key): str(value) for key, value in entry.items()})
        return tuple(found)
