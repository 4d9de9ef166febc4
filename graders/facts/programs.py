"""Programs as the people at a machine find them: by name, allowed or not, and as root."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import ClassVar

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

_MAY_NOT = 126
_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Run:
    """What became of a program that somebody started by its name.

    `path` is where it was found, empty if nowhere. `status` is its own, None if it did not start.
    """

    path: str = ""
    status: int | None = None
    said: str = ""

    @property
    def ok(self) -> bool:
        """It started and said that it succeeded."""
        return self.status == 0

    @property
    def last(self) -> str:
        """The last line that it printed, or why it did not start."""
        if not self.path:
            return "no program of that name can be started"
        lines = [line.strip() for line in self.said.splitlines() if line.strip()]
        return lines[-1][:200] if lines else "it said nothing"


@dataclass(frozen=True)
class Started(Fact[Run]):
    """Start a program by name as somebody who has logged in; asked as that person."""

    timeout: ClassVar[float] = _LIMIT + 5.0
    program: str
    arguments: tuple[str, ...] = ()

    def command(self) -> str:
        """A login shell, since that is where people have their PATH from."""
        script = (
            f'path=$(command -v -- "$1") || {{ echo nowhere; exit 0; }}; shift; '
            f'said=$(timeout {_LIMIT} "$path" "$@" 2>&1 </dev/null); '
            r'printf "ended %s %s\n%s\n" "$?" "$path" "$said"'
        )
        words = shlex.join(("sh", self.program, *self.arguments))
        return f"sh -lc {shlex.quote(script)} {words}"

    def read(self, reply: Reply) -> Run:
        """The first line says how it went; what a profile prints may stand before it."""
        match = re.search(r"^(?:nowhere|ended (\d+) (\S+))$", reply.stdout, re.MULTILINE)
        if not reply.ok or match is None:
            raise UnreadableOutput(f"no program could be started: {reply.text[:200]}")
        if match[1] is None:
            return Run()
        status, said = int(match[1]), reply.stdout[match.end() :].strip()
        return Run(match[2], None if status == _MAY_NOT else status, said)


@dataclass(frozen=True)
class Permitted(Fact[tuple[str, ...]]):
    """Of these paths, those at which who asks may do all of `how`: some of r, w and x."""

    paths: tuple[str, ...]
    how: str

    def command(self) -> str:
        """As the kernel decides, access lists included."""
        tests = " && ".join(f'[ -{letter} "$path" ]' for letter in self.how)
        return (
            f"for path in {shlex.join(self.paths)}; do "
            f'if {tests}; then printf "%s\\n" "$path"; fi; done; echo end'
        )

    def read(self, reply: Reply) -> tuple[str, ...]:
        """A line a path."""
        *found, last = reply.stdout.splitlines() or [""]
        if last != "end" or not set(found) <= set(self.paths):
            raise UnreadableOutput(f"the permissions could not be looked at: {reply.text[:200]}")
        return tuple(found)


@dataclass(frozen=True)
class AccessOf(Fact[str]):
    """Owner, group, mode and access list of files, as `AccessGiven` takes them."""

    paths: tuple[str, ...]

    def command(self) -> str:
        """By number, so that a group that is gone meanwhile does no harm."""
        return f"getfacl --absolute-names --numeric -- {shlex.join(self.paths)}"

    def read(self, reply: Reply) -> str:
        """Kept as it is."""
        if not reply.ok or reply.stdout.count("# file: ") != len(self.paths):
            raise UnreadableOutput(f"the permissions could not be noted: {reply.text[:200]}")
        return reply.stdout


@dataclass(frozen=True)
class AccessGiven(Fact[None]):
    """Give files the access that `AccessOf` found."""

    access: str

    def command(self) -> str:
        """A file that has it already is not touched."""
        return "setfacl --restore=-"

    def stdin(self) -> bytes:
        """What getfacl said."""
        return self.access.encode()

    def read(self, reply: Reply) -> None:
        """Only a complaint matters."""
        if not reply.ok:
            raise UnreadableOutput(f"the permissions could not be set back: {reply.text[:200]}")


@dataclass(frozen=True)
class MayAsRoot(Fact[bool]):
    """Whether sudo lets `login` run a command as root, with a password or without."""

    login: str
    words: tuple[str, ...]

    def command(self) -> str:
        """Asked of sudo by root; nothing is run."""
        return (
            f"LC_ALL=C sudo -n -l -U {shlex.quote(self.login)} -- {shlex.join(self.words)}; "
            "echo ended $?"
        )

    def read(self, reply: Reply) -> bool:
        """An allowed command is repeated, another one is not."""
        match = re.search(r"^ended ([01])$", reply.stdout, re.MULTILINE)
        if match is None:
            raise UnreadableOutput(f"sudo does not say what {self.login} may: {reply.text[:200]}")
        return match[1] == "0"
