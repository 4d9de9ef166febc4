"""A machine at which people work: who they are there, what they may, what is left of them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is on a machine, and where they land: `owner` and `mode` are the folder's."""

    name: str
    number: int
    groups: tuple[str, ...]
    home: str
    folder: str
    owner: int
    mode: int


@dataclass(frozen=True)
class Whoami(Fact[Identity]):
    """Who asks."""

    def command(self) -> str:
        """Groups come last: their names may hold anything but a line's end."""
        return 'id -un; id -u; echo "$HOME"; pwd; stat -c "%u %a" .; id -Gn'

    def read(self, reply: Reply) -> Identity:
        """A line for each."""
        lines = reply.stdout.splitlines()
        try:
            name, number, home, folder, found, groups = lines
            owner, mode = found.split()
            return Identity(
                name, int(number), tuple(groups.split()), home, folder, int(owner), int(mode, 8)
            )
        except ValueError:
            raise UnreadableOutput(f"id did not say who asks: {reply.text[:300]!r}") from None


class Door(StrEnum):
    """What somebody finds who wants to look into another one's folder."""

    OPEN = "open"
    SHUT = "shut"
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class FolderOf(Fact[Door]):
    """Whether who asks could list the folder at `path`, or get at what they know to be in it."""

    path: str

    def command(self) -> str:
        """The kernel decides, access lists included."""
        path = shlex.quote(self.path)
        return (
            f"if [ ! -e {path} ]; then echo nowhere; "
            f"elif [ -r {path} ] || [ -x {path} ]; then echo open; else echo shut; fi"
        )

    def read(self, reply: Reply) -> Door:
        """One word."""
        try:
            return Door(reply.stdout.strip())
        except ValueError:
            raise UnreadableOutput(f"expected one word, found {reply.text!r}") from None


@dataclass(frozen=True, slots=True)
class Rights:
    """What sudo lets somebody do: be root, or anything at all; `said` is what it told them."""

    root: bool
    anything: bool
    said: str = ""


@dataclass(frozen=True)
class RightsBySudo(Fact[Rights]):
    """What who asks may do by sudo, with a password of their own at most."""

    password: str = field(repr=False)

    timeout: ClassVar[float] = 20.0

    def command(self) -> str:
        """Each asks for the password anew, and neither is remembered."""
        ask = "printf '%s\\n' \"$word\" | sudo -k -S -p ''"
        return f"IFS= read -r word; echo root $({ask} id -u); {ask} -l >/dev/null; echo anything $?"

    def stdin(self) -> bytes:
        """The password, in a line."""
        return f"{self.password}\n".encode()

    def read(self, reply: Reply) -> Rights:
        """Two lines, whatever sudo said besides."""
        lines = (line.split() for line in reply.stdout.splitlines())
        found = {words[0]: words[1:] for words in lines if words}
        if not {"root", "anything"} <= found.keys():
            raise UnreadableOutput(f"sudo left no account of itself: {reply.text[-300:]!r}")
        said = [line.strip() for line in reply.stderr.splitlines() if line.strip()]
        return Rights(
            root=found["root"] == ["0"],
            anything=found["anything"] == ["0"],
            said=said[-1] if said else "",
        )


@dataclass(frozen=True)
class Begun(Fact[None]):
    """A program that goes on by itself when who started it has gone: `mark` tells it from others.

    It ends after two minutes in any case.
    """

    mark: str

    def command(self) -> str:
        """In a session of its own, deaf to hanging up, holding no line open."""
        program = _marked(self.mark)
        return f"nohup setsid {program} >/dev/null 2>&1 </dev/null & sleep 0.2; echo begun"

    def read(self, reply: Reply) -> None:
        """One word."""
        if reply.stdout.strip() != "begun":
            raise UnreadableOutput(f"no program could be started: {reply.text[:300]!r}")


@dataclass(frozen=True)
class Outlived(Fact[bool]):
    """Whether a program that was `Begun` still runs after `wait` seconds; then it is ended."""

    mark: str
    wait: int = 3

    def command(self) -> str:
        """It is looked for by its whole command line, so nothing else is found or ended."""
        program = shlex.quote(_marked(self.mark))
        return (
            f"end=$(($(date +%s) + {self.wait})); "
            f"while pgrep -fx {program} >/dev/null && [ $(date +%s) -lt $end ]; do sleep 0.1; done;"
            f" pgrep -cfx {program}; pkill -fx {program}"
        )

    def read(self, reply: Reply) -> bool:
        """How many there are."""
        if not reply.stdout.strip().isdigit():
            raise UnreadableOutput(f"expected a number of programs, found {reply.text!r}")
        return int(reply.stdout) > 0


@dataclass(frozen=True)
class SwitchedTo(Fact[bool]):
    """Whether who asks becomes `user` with a password, without logging out."""

    user: str
    password: str = field(repr=False)

    timeout: ClassVar[float] = 20.0

    def command(self) -> str:
        """Where there is no terminal, the password is read from stdin."""
        return f"echo became $(su {shlex.quote(self.user)} -c 'id -un' 2>/dev/null)"

    def stdin(self) -> bytes:
        """The password, in a line."""
        return f"{self.password}\n".encode()

    def read(self, reply: Reply) -> bool:
        """The name at the end of the last line, if there is one."""
        words = (reply.stdout.splitlines() or [""])[-1].split()
        if not words or words[0] != "became":
            raise UnreadableOutput(f"su left no account of itself: {reply.text[-300:]!r}")
        return words[1:] == [self.user]


@dataclass(frozen=True)
class HomeCleared(Fact[None]):
    """The home of somebody who was there for a moment is gone."""

    login: str

    def command(self) -> str:
        """Of the folder below /home with that name; nobody else's."""
        return f"rm -rf -- {shlex.quote(f'/home/{self.login}')}"

    def read(self, reply: Reply) -> None:
        """Only a folder that stays matters."""
        if not reply.ok:
            raise UnreadableOutput(f"a home cannot be removed: {reply.text[:300]!r}")


def _marked(mark: str) -> str:
    return f"sleep 120.{mark}"
