"""What came out of a printer, which keeps a note or a copy of each job in /srv/printed."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

_PLACE = "/srv/printed"
_LONGEST_WAIT = 15
_TIMED_OUT = 124


@dataclass(frozen=True, slots=True)
class Paper:
    """A job as the printer got it."""

    owner: str
    sides: str
    format: str


@dataclass(frozen=True)
class PaperOf(Fact[Paper | None]):
    """What came out for the job named `title`; None if nothing did within `wait` seconds.

    It is taken from the tray: asked again, nothing is there.
    """

    title: str
    wait: int = 8

    timeout = _LONGEST_WAIT + 5.0

    def command(self) -> str:
        """A note is there in full or not at all."""
        path = shlex.quote(f"{_PLACE}/{self.title}")
        return _taken(f'paper={path}; [ -e "$paper" ]', self.wait)

    def read(self, reply: Reply) -> Paper | None:
        """Lines of the form `key: value`."""
        if not _came_out(reply):
            return None
        found = dict(line.split(": ", 1) for line in reply.stdout.splitlines() if ": " in line)
        try:
            return Paper(
                owner=found["owner"],
                sides=found.get("sides", ""),
                format=found["format"],
            )
        except KeyError:
            raise UnreadableOutput(f"the printer's note cannot be read: {reply.text!r}") from None


@dataclass(frozen=True)
class CopyWith(Fact[bool]):
    """Something with `text` in it came out of a printer that prints what it is sent as it is.

    It is waited for and taken from the tray as with `PaperOf`.
    """

    text: str
    wait: int = 8

    timeout = _LONGEST_WAIT + 5.0

    def command(self) -> str:
        """A copy is there in full or not at all."""
        search = f"grep -lsF -e {shlex.quote(self.text)} {_PLACE}/raw.*"
        return _taken(f"paper=$({search})", self.wait)

    def read(self, reply: Reply) -> bool:
        """The copy itself."""
        return _came_out(reply) and self.text in reply.stdout


def _came_out(reply: Reply) -> bool:
    """Something was there to be shown, or nothing came until the time was up."""
    if reply.stdout.strip():
        return True
    if reply.status != _TIMED_OUT or reply.stderr.strip():
        raise UnreadableOutput(f"the tray could not be looked into: {reply.text[-200:]!r}")
    return False


def _taken(search: str, wait: int) -> str:
    """Shell text that shows and removes the file $paper, once `search` has succeeded."""
    script = f'until {search}; do sleep 0.2; done; cat -- "$paper" && rm -- "$paper"'
    return f"timeout {min(wait, _LONGEST_WAIT)} sh -c {shlex.quote(script)}"
