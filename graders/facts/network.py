"""What the network lets through: TCP ports and web pages, as seen from a host."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

Door = tuple[str, int]
"""An address (or name) and a TCP port."""


class Reach(StrEnum):
    """What became of a TCP connection."""

    OPEN = "open"
    REFUSED = "refused"
    """Somebody said no: nothing listens there, or a filter rejects it."""
    UNREACHABLE = "unreachable"
    """A router said that there is no way, or that it is forbidden."""
    FILTERED = "filtered"
    """No answer at all."""


@dataclass(frozen=True)
class TcpPorts(Fact[Mapping[Door, Reach]]):
    """What each door answers, knocked at all at once; `wait` is in whole seconds.

    It takes as long as the slowest, so ask for many in one question.
    """

    doors: tuple[Door, ...]
    wait: int = 2

    def command(self) -> str:
        """Bash connects by itself: no host lacks the tool."""
        words = ["bash", "-c", _KNOCK, "knock", str(self.wait)]
        words += [str(part) for door in self.doors for part in door]
        return f"LC_ALL=C {shlex.join(words)}"

    def read(self, reply: Reply) -> Mapping[Door, Reach]:
        """A line for each door: address, port, exit status, what bash said."""
        found: dict[Door, Reach] = {}
        for line in reply.stdout.splitlines():
            address, port, status, said = (*line.split(" ", 3), "", "", "")[:4]
            if not port.isdigit() or not status.isdigit():
                raise UnreadableOutput(f"expected 'address port status', found {line!r}")
            found[address, int(port)] = _reach(int(status), said.strip())
        missing = [door for door in self.doors if door not in found]
        if missing:
            raise UnreadableOutput(f"no answer about {missing[0]}: {reply.text!r}")
        return found


@dataclass(frozen=True, slots=True)
class Answer:
    """What a web server said. `status` is 0 where none answered; `problem` says why."""

    status: int
    body: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Page(Fact[Answer]):
    """What is at `url`, fetched from `source` (see `address_from`).

    The server has `wait` seconds to take the call, and more to answer it.
    """

    url: str
    wait: int = 3
    source: str = ""

    def command(self) -> str:
        """The status comes last, on a line of its own."""
        via = f"--interface {address_from(self.source)} " if self.source else ""
        call = f"curl -sS -g {_calling(self.wait)} -w '\\n%{{http_code}}'"
        return f"{call} {via}-- {shlex.quote(self.url)}"

    def read(self, reply: Reply) -> Answer:
        """Body and status, or curl's complaint."""
        body, _, status = reply.stdout.rpartition("\n")
        if not status.isdigit():
            raise UnreadableOutput(f"curl printed no status: {reply.text!r}")
        if reply.status == _NO_SUCH_SOURCE:
            raise UnreadableOutput(f"the asking host is not {self.source}: {reply.stderr.strip()}")
        if not reply.ok:
            return Answer(0, problem=re.sub(r"^curl: \(\d+\) ", "", reply.stderr.strip()))
        return Answer(int(status), body)


@dataclass(frozen=True)
class Statuses(Fact[tuple[int, ...]]):
    """The status of each of many pages, 0 where no server answered."""

    urls: tuple[str, ...]
    wait: int = 3

    def command(self) -> str:
        """One connection serves them all."""
        pages = " ".join(f"-o /dev/null {shlex.quote(url)}" for url in self.urls)
        return f"curl -s -g {_calling(self.wait)} -w '%{{http_code}}\\n' {pages}"

    def read(self, reply: Reply) -> tuple[int, ...]:
        """A line for each page."""
        found = reply.stdout.split()
        if len(found) != len(self.urls) or not all(code.isdigit() for code in found):
            raise UnreadableOutput(
                f"expected {len(self.urls)} statuses, found {reply.stdout[:200]!r}"
            )
        return tuple(int(code) for code in found)


@dataclass(frozen=True)
class PagesWith(Fact[int]):
    """How often `text` stands in what the pages hold; the text is not shown in the evidence."""

    urls: tuple[str, ...]
    text: str
    wait: int = 3

    def command(self) -> str:
        """Fetches all, and counts."""
        pages = " ".join(shlex.quote(url) for url in self.urls)
        return (
            "( IFS= read -r text; "
            f'curl -sS -g -f {_calling(self.wait)} {pages} | grep -aoF -e "$text" | wc -l )'
        )

    def stdin(self) -> bytes:
        """The text, in a line."""
        return f"{self.text}\n".encode()

    def read(self, reply: Reply) -> int:
        """A number; pages that are not there are no trouble, whatever else is said is."""
        said = (line for line in reply.stderr.splitlines() if line.strip())
        troubled = any(not line.startswith("curl: (22) ") for line in said)
        if troubled or not reply.stdout.strip().isdigit():
            raise UnreadableOutput(f"the pages could not be fetched: {reply.text!r}")
        return int(reply.stdout)


def address_from(source: str) -> str:
    """Shell text for an address to speak from: itself, or any one of a range.

    A range is written 198.18.4.193-254; the host must own all of it. Each question then comes from
    a stranger whom nobody remembers, and yet is asked in the same words.
    """
    return _one_of(source, lambda first, last: f"$(shuf -n 1 -i {first}-{last})")


def address_in_turn(source: str, ahead: int = 0) -> str:
    """As `address_from`, but another address every second, and the same again only after them all.

    For what is remembered for a while: by chance, two questions in a row may have one address.
    `ahead` gives the address whose turn it is in so many seconds.
    """
    now = f"($(date +%s) + {ahead})" if ahead else "$(date +%s)"
    return _one_of(source, lambda first, last: f"$(({now} % {last - first + 1} + {first}))")


def _one_of(source: str, choice: Callable[[int, int], str]) -> str:
    """An address as it is, or one of a range; `choice` is shell text for the last number."""
    match = _RANGE.fullmatch(source)
    if match is None:
        return shlex.quote(source)
    return f'"{match["net"]}{choice(int(match["first"]), int(match["last"]))}"'


def _calling(wait: int) -> str:
    """How long curl waits: what is filtered takes no call, what is only slow does at once."""
    return f"--connect-timeout {wait} -m {wait + _ANSWERS}"


_RANGE = re.compile(r"(?P<net>\d+\.\d+\.\d+\.)(?P<first>\d+)-(?P<last>\d+)")

_KNOCK = """\
wait=$1; shift
while [ $# -gt 0 ]; do
    {
        said=$(timeout "$wait" bash -c ': <"/dev/tcp/$0/$1"' "$1" "$2" 2>&1)
        echo "$1 $2 $? ${said##*: }"
    } &
    shift 2
done
wait"""

_ANSWERS = 5
"""Seconds that a server on a busy machine may take over an answer."""
_TIMED_OUT = 124
_NO_SUCH_SOURCE = 45
"""How curl ends that cannot speak from the address that it was given."""


def _reach(status: int, said: str) -> Reach:
    if status == 0:
        return Reach.OPEN
    if status == _TIMED_OUT or said == "Connection timed out":
        return Reach.FILTERED
    if said in ("Connection refused", "Connection reset by peer"):
        return Reach.REFUSED
    if said in (
        "No route to host",
        "Network is unreachable",
        "Host is down",
        "Permission denied",
        "Operation not permitted",
    ):
        return Reach.UNREACHABLE
    raise UnreadableOutput(f"cannot tell what became of a connection: {said!r} ({status})")
