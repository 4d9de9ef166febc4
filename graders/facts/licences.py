"""A server of floating licences, as its clients find it (docs/licence-protocol.md)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

PORT = 27000
GRANTED = "OK"
SILENT = "silent"
"""What stands for an answer where no server gives one."""

_SAID = {
    GRANTED: "gets one",
    SILENT: "finds no licence server that answers",
    "NO-FEATURE": "is told that there is no licence",
    "EXPIRED": "is told that the licence has expired",
    "NOT-YET": "is told that the licence is not valid yet",
    "WRONG-HOST": "is told that the licence is for another server",
    "BAD-SIGNATURE": "is told that the licence is not as its vendor signed it",
    "NOT-ALLOWED": "is told that they are not allowed to have one",
    "LIMIT": "is told that they have as many as they may have",
    "NO-SEAT": "is told that no seat is free",
}
_WAIT = 10
"""Seconds until a server that says nothing counts as silent."""

# Bash speaks TCP by itself. What was granted is given back whatever happens in between: a seat
# whose client is gone stays taken.
_TALK = r"""
lines=() held=()
enter() { { exec {line}<>"/dev/tcp/$server/$port"; } 2>/dev/null && lines+=("$line"); }
say() {
    printf '%s\n' "$2" >&"$1" || return
    while IFS= read -r -t "$wait" -u "$1" heard; do
        heard=${heard%$'\r'}
        case $heard in '* '*) echo "$heard" ;; *) return 0 ;; esac
    done
    return 1
}
back() {
    for one in "${held[@]}"; do say "${one%% *}" "CHECKIN handle=${one#* }"; done
    for one in "${lines[@]}"; do exec {one}>&-; done
}
trap back EXIT
"""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for a seat, and from where."""

    user: str
    host: str


@dataclass(frozen=True)
class SeatsAsked(Fact[tuple[str, ...]]):
    """What each of these is told who asks for a seat, one after the other; all are given back.

    An answer is `GRANTED`, `SILENT` or the protocol's code for why not. Those who get a seat keep
    it until the last one has asked.
    """

    timeout: ClassVar[float] = 4.0 * _WAIT + 5
    server: str
    feature: str
    askers: tuple[Asker, ...]

    def command(self) -> str:
        """A connection for each."""
        who = shlex.join(f"user={one.user} host={one.host}" for one in self.askers)
        checkout = shlex.quote(f"CHECKOUT feature={self.feature}")
        return _talk(
            self.server,
            f"for who in {who}; do\n"
            f'    enter && say "$line" "HELLO $who" && say "$line" {checkout} || heard={SILENT}\n'
            '    case $heard in "OK "*handle=*)\n'
            '        one=${heard#*handle=}; held+=("$line ${one%% *}") ;;\n'
            "    esac\n"
            '    echo "answer $heard"\n'
            "done",
        )

    def read(self, reply: Reply) -> tuple[str, ...]:
        """A line for each, in their order."""
        found = [
            _code(line.removeprefix("answer "))
            for line in reply.stdout.splitlines()
            if line.startswith("answer ")
        ]
        if len(found) != len(self.askers):
            raise UnreadableOutput(f"not everybody was answered: {reply.text[:300]}")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat that somebody has; `lost` where its client is gone."""

    feature: str
    user: str
    host: str
    lost: bool


@dataclass(frozen=True, slots=True)
class Feature:
    """What the server says of a feature. `linger` is in seconds, None for good."""

    seats: int = 0
    expires: str = ""
    linger: int | None = None


@dataclass(frozen=True)
class Status:
    """All that the server says of itself; `silent` where none answers."""

    features: Mapping[str, Feature] = field(default_factory=dict)
    seats: tuple[Seat, ...] = ()
    silent: bool = False

    def of(self, feature: str) -> Feature:
        """One feature; nothing is licensed of one that it does not know."""
        return self.features.get(feature, Feature())


@dataclass(frozen=True)
class LicenceStatus(Fact[Status]):
    """What the licence server at `server` says of itself."""

    timeout: ClassVar[float] = 4.0 * _WAIT + 5
    server: str

    def command(self) -> str:
        """One question; anybody may ask it."""
        return _talk(
            self.server, f'enter && say "$line" STATUS || heard={SILENT}\necho "answer $heard"'
        )

    def read(self, reply: Reply) -> Status:
        """Lines about features and seats."""
        *lines, last = reply.stdout.splitlines() or [""]
        if last == f"answer {SILENT}":
            return Status(silent=True)
        if last != f"answer {GRANTED}":
            raise UnreadableOutput(f"the licence server's state cannot be read: {reply.text[:300]}")
        features, seats = {}, []
        for line in lines:
            told = dict(re.findall(r"([a-z]+)=(\S+)", line))
            if line.startswith("* FEATURE ") and told.get("seats", "").isdecimal():
                linger = told.get("linger", "")
                features[told.get("name", "")] = Feature(
                    int(told["seats"]),
                    told.get("expires", ""),
                    int(linger) if linger.isdecimal() else None,
                )
            elif line.startswith("* SEAT "):
                told.setdefault("user", "")
                seats.append(
                    Seat(
                        told.get("feature", ""), told["user"], told.get("host", ""), "lost" in told
                    )
                )
            else:
                raise UnreadableOutput(f"the licence server says of itself: {line[:200]!r}")
        return Status(features, tuple(seats))


def in_words(answer: str) -> str:
    """An answer as the end of a sentence that begins with who asked."""
    return _SAID.get(answer, f"is told {answer}")


def _talk(server: str, words: str) -> str:
    given = f"server={shlex.quote(server)} port={PORT} wait={_WAIT}"
    return f"timeout {4 * _WAIT} bash -c {shlex.quote(given + _TALK + words)}"


def _code(line: str) -> str:
    words = line.split()
    if words[:1] == [GRANTED]:
        return GRANTED
    if words == [SILENT]:
        return SILENT
    code = re.search(r"\bcode=([A-Z-]{1,40})\b", line)
    if words[:1] != ["NO"] or code is None:
        raise UnreadableOutput(f"the licence server answers {line[:200]!r}")
    return code[1]
