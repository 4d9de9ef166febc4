"""Backups with a file for each night, named by its date."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import ClassVar

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

_NAME = re.compile(r"^[a-z]+-(\d{4}-\d\d-\d\d)\.tar\.gz$")


@dataclass(frozen=True)
class FilesIn(Fact[frozenset[str]]):
    """The names of what is in a folder; none if there is no such folder."""

    folder: str

    def command(self) -> str:
        """What is hidden too."""
        folder = shlex.quote(self.folder)
        return f"[ ! -d {folder} ] || ls -A {folder}"

    def read(self, reply: Reply) -> frozenset[str]:
        """A line for each."""
        if not reply.ok:
            raise UnreadableOutput(f"{self.folder} cannot be listed: {reply.text[:200]!r}")
        return frozenset(reply.stdout.splitlines())


@dataclass(frozen=True)
class Dates(Fact[tuple[str, ...]]):
    """The dates of so many days ago, by the host's clock."""

    ages: tuple[int, ...]

    def command(self) -> str:
        """Noon is on the same day wherever the clock is changed."""
        ages = " ".join(map(str, self.ages))
        return f'for age in {ages}; do date -d "12:00 $age days ago" +%F || exit; done'

    def read(self, reply: Reply) -> tuple[str, ...]:
        """In the same order."""
        found = tuple(reply.stdout.split())
        if not reply.ok or len(found) != len(self.ages):
            raise UnreadableOutput(f"date did not tell the days: {reply.text[:200]!r}")
        return found


@dataclass(frozen=True, slots=True)
class Night:
    """A backup that was made: its name, and which of the texts that were looked for are in it.

    `problem` is why it cannot be unpacked.
    """

    name: str
    texts: frozenset[str] = frozenset()
    problem: str = ""


@dataclass(frozen=True)
class MadeSince(Fact[Night | None]):
    """The newest backup of this name that was made after `since`; None if there is none.

    Its name is `name` with a date, which is that of the day on which it was made. `texts` are
    looked for in the files in it, if there are any.
    """

    folder: str
    name: str
    since: str
    texts: tuple[str, ...] = ()

    timeout: ClassVar[float] = 25.0

    def command(self) -> str:
        """The archive is unpacked into a pipe."""
        words = " ".join(f"-e {shlex.quote(text)}" for text in self.texts)
        texts = f'tar -xzOf "$file" | grep -aohF {words} | sort -u' if words else ":"
        pattern = shlex.quote(f"{self.name}-????-??-??.tar.gz")
        return (
            f"( cd {shlex.quote(self.folder)} 2>/dev/null || exit 0; "
            f"new=$(find . -maxdepth 1 -type f -name {pattern} -newermt @{shlex.quote(self.since)} "
            "-printf '%T@ %TY-%Tm-%Td %f\\n' | sort -n | tail -n 1) || exit; "
            '[ -n "$new" ] || exit 0; echo "made ${new#* }"; file=${new##* }; '
            'if said=$(tar -tzf "$file" 2>&1 >/dev/null); then '
            f"{texts}; "
            'else echo "problem $said"; fi; : )'
        )

    def read(self, reply: Reply) -> Night | None:
        """The name, then a line for each text or for the problem."""
        if not reply.ok or reply.stderr.strip():
            raise UnreadableOutput(f"{self.folder} cannot be looked through: {reply.text[:200]!r}")
        first, *lines = reply.stdout.splitlines() or [""]
        if not first:
            return None
        made, day, name = first.split(" ", 2)
        if made != "made":
            raise UnreadableOutput(f"a backup is described as {first[:200]!r}")
        dated = _NAME.match(name)
        if lines and lines[0].startswith("problem"):
            return Night(name, problem=" ".join(lines)[8:200] or "tar cannot read it")
        if dated is None or dated[1] != day:
            return Night(name, problem=f"it was made on {day}")
        return Night(name, frozenset(lines))


@dataclass(frozen=True)
class Readable(Fact[str]):
    """A file at or below one of `paths` that an account may read; "" if there is none."""

    account: str
    paths: tuple[str, ...]

    def command(self) -> str:
        """What it may not look into is passed over."""
        account, paths = shlex.quote(self.account), " ".join(map(shlex.quote, self.paths))
        return (
            f"id -u {account} >/dev/null && cd / && {{ runuser -u {account} -- "
            f"find {paths} -type f -readable -print -quit 2>/dev/null || :; }}"
        )

    def read(self, reply: Reply) -> str:
        """Its path."""
        if not reply.ok:
            raise UnreadableOutput(f"what {self.account} may read is unclear: {reply.text[:200]!r}")
        return reply.stdout.strip()


@dataclass(frozen=True)
class Laid(Fact[None]):
    """Files laid into a folder as if they had been made at two in the nights of these dates."""

    folder: str
    files: tuple[tuple[str, str], ...]

    def command(self) -> str:
        """Pairs of name and date. What is there already stays as it is."""
        folder = shlex.quote(self.folder)
        lines = (
            f"[ -e {shlex.quote(name)} ] || touch -d {shlex.quote(f'{day} 02:00')} "
            f"{shlex.quote(name)} || exit"
            for name, day in self.files
        )
        return f"( cd {folder} && umask 077 || exit; {'; '.join(lines)} )"

    def read(self, reply: Reply) -> None:
        """Only a complaint matters."""
        if not reply.ok:
            raise UnreadableOutput(f"no file can be laid into {self.folder}: {reply.text[:200]!r}")
