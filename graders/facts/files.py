"""What stands in files."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply


@dataclass(frozen=True)
class Mentions(Fact[int]):
    """How many times `text` stands in the files at and below `paths`, as far as `user` may read.

    Neither the text nor the places are shown in the evidence. `paths` may hold shell patterns and
    need not exist.
    """

    text: str
    paths: tuple[str, ...]
    user: str = "root"

    def command(self) -> str:
        """Text comes on stdin, so that no list of processes shows it either."""
        as_user = "" if self.user == "root" else f"runuser -u {shlex.quote(self.user)} -- "
        places = " ".join(_pattern(path) for path in self.paths)
        return f"( {as_user}grep -rashoF -f - -- {places} | wc -l )"

    def stdin(self) -> bytes:
        """The text, in a line."""
        return f"{self.text}\n".encode()

    def read(self, reply: Reply) -> int:
        """A number."""
        if not reply.stdout.strip().isdigit() or reply.stderr.strip():
            raise UnreadableOutput(f"expected a number, found {reply.text!r}")
        return int(reply.stdout)


def _pattern(path: str) -> str:
    """Quoted but for the stars."""
    return "*".join(shlex.quote(part) if part else "" for part in path.split("*"))
