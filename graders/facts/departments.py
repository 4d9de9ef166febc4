"""Who belongs to which department: groups of a Linux host."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

_TIMER = "grading-department"
_AT_MOST = 45
"""Seconds after which a change for the grader's sake is undone in any case."""


@dataclass(frozen=True)
class MembersOf(Fact[tuple[tuple[str, ...] | None, ...]]):
    """The members of each group, sorted; None for a group that does not exist."""

    groups: tuple[str, ...]

    def command(self) -> str:
        """Groups that are not there are left out of the answer."""
        return f"getent group -- {shlex.join(self.groups)}"

    def read(self, reply: Reply) -> tuple[tuple[str, ...] | None, ...]:
        """A line for each group: name:x:number:member,member."""
        found: dict[str, tuple[str, ...]] = {}
        for line in reply.stdout.splitlines():
            parts = line.split(":")
            if len(parts) != 4:  # noqa: PLR2004 - the fields of group(5)
                raise UnreadableOutput(f"expected name:x:number:members, found {line!r}")
            found[parts[0]] = tuple(sorted(name for name in parts[3].split(",") if name))
        return tuple(found.get(group) for group in self.groups)


@dataclass(frozen=True)
class JoinedForNow(Fact[str]):
    """Somebody put into a group until `LeftAgain`; why that failed, empty if it did not."""

    login: str
    group: str

    def command(self) -> str:
        """Should the grader be killed meanwhile, systemd takes them out again."""
        words = [shlex.quote(self.login), shlex.quote(self.group)]
        return (
            f"systemd-run --quiet --collect --unit={_TIMER} --on-active={_AT_MOST} "
            f"gpasswd --delete {' '.join(words)}; gpasswd --add {' '.join(words)}"
        )

    def read(self, reply: Reply) -> str:
        """Only a complaint matters."""
        return "" if reply.ok else reply.text


@dataclass(frozen=True)
class LeftAgain(Fact[None]):
    """Who was `JoinedForNow` taken out of the group."""

    login: str
    group: str

    def command(self) -> str:
        """Changes no other membership."""
        words = [shlex.quote(self.login), shlex.quote(self.group)]
        return f"systemctl --quiet stop {_TIMER}.timer; gpasswd --delete {' '.join(words)}"

    def read(self, reply: Reply) -> None:
        """Only a complaint matters."""
        if not reply.ok:
            raise UnreadableOutput(f"{self.login} is still in {self.group}: {reply.text!r}")
