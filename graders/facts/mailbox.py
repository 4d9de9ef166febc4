"""Mails that have arrived: a folder with a file for each, its envelope's recipients in line one."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

_CLOCK = re.compile(r"^\d+\.\d+$")

# What a mail says of itself. Its way here (Received:) names machines whatever it is about.
_TEXTS = (
    "FNR == 1 { ours = index(tolower($0), tolower(to)); head = 1; hidden = 0; next } "
    "!ours { next } head && /^\\r?$/ { head = 0 } "
    "head && /^[^ \\t]/ { hidden = /^Received:/ } !(head && hidden)"
)


@dataclass(frozen=True)
class Clock(Fact[str]):
    """The time on the host, to be handed to `Named` as it is."""

    def command(self) -> str:
        """To the nanosecond: mails are compared with it."""
        return "date +%s.%N"

    def read(self, reply: Reply) -> str:
        """Seconds with a fraction."""
        if not _CLOCK.match(reply.stdout.strip()):
            raise UnreadableOutput(f"expected the time, found {reply.text[:80]!r}")
        return reply.stdout.strip()


@dataclass(frozen=True)
class Named(Fact[frozenset[str]]):
    """Which of `words` are named in mails to `recipient` that arrived after `since`.

    Waits for as many seconds as `patience` says until all of them are.
    """

    folder: str
    recipient: str
    words: tuple[str, ...]
    since: str
    patience: int
    timeout = 30.0

    def command(self) -> str:
        """Looks several times a second."""
        folder = shlex.quote(self.folder)
        recent = f"find {folder} -name '[0-9]*' -newermt @{shlex.quote(self.since)}"
        texts = (
            f"{recent} -exec awk -v to={shlex.quote(self.recipient)} {shlex.quote(_TEXTS)} {{}} +"
        )
        words = " ".join(shlex.quote(word) for word in self.words)
        # The folder comes with the first mail. A search that fails is none that finds nothing.
        return (
            f"end=$(date +%s%3N) || exit; end=$((end + {self.patience}000)); while :; do "
            f"text=; [ ! -d {folder} ] || text=$({texts}) || exit; "
            f"found=; missing=; for word in {words}; do "
            'printf "%s" "$text" | grep -qwF -- "$word"; '
            'case $? in 0) found="$found $word" ;; 1) missing=yes ;; *) exit 2 ;; esac; done; '
            '[ -n "$missing" ] && [ "$(date +%s%3N)" -lt "$end" ] || break; sleep 0.1; done; '
            'echo "found:$found"'
        )

    def read(self, reply: Reply) -> frozenset[str]:
        """The words that were found."""
        name, colon, rest = reply.stdout.partition(":")
        if name != "found" or not colon:
            raise UnreadableOutput(f"the mails could not be searched: {reply.text[:200]}")
        return frozenset(rest.split())
