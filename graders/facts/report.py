"""Reports that people write into files: `Key: value`, one entry a line."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from runner.host import Fact, Reply

_SIZE_LIMIT = 20_000
_SHOWN = 60
_QUOTES = "`'\""


@dataclass(frozen=True)
class Report:
    """A report as it stands. Keys are compared without regard to case and spaces around them.

    `malformed` says in a sentence what is wrong with the lines that are neither an entry nor a
    comment (`#`) nor empty, and with keys that are given twice.
    """

    entries: Mapping[str, str] = field(default_factory=dict)
    malformed: tuple[str, ...] = ()

    def value(self, key: str) -> str:
        """What was written for `key`: without quotes around it; empty if nothing was."""
        return self.entries.get(key.casefold(), "")

    @property
    def problem(self) -> str:
        """The first thing wrong with the form, empty if nothing is."""
        return self.malformed[0] if self.malformed else ""


@dataclass(frozen=True)
class ReportFile(Fact[Report | None]):
    """The report at `path`; None if there is no such file."""

    path: str

    def command(self) -> str:
        """No report is long."""
        path = shlex.quote(self.path)
        return f"[ -f {path} ] && head -c {_SIZE_LIMIT} -- {path}"

    def read(self, reply: Reply) -> Report | None:
        """The entries, and the lines that are none."""
        return None if not reply.ok else report_of(reply.stdout)


def report_of(text: str) -> Report:
    """The report that `text` is; entries without a value do not count as given."""
    entries: dict[str, str] = {}
    malformed: list[str] = []
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        key, colon, value = line.partition(":")
        value = value.strip().strip(_QUOTES).strip()
        if not colon or not key.strip():
            malformed.append(f"line {number} ({line[:_SHOWN]!r}) is no entry like 'Key: value'")
        elif key.strip().casefold() in entries:
            malformed.append(f"line {number}: {key.strip()[:_SHOWN]!r} was given before")
        elif value:
            entries[key.strip().casefold()] = value
    return Report(entries, tuple(malformed))
