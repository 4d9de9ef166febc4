"""People at a machine: logging in there over SSH with a password, and looking round as they do."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import ClassVar, Generic, Protocol, TypeVar, cast

from graders.facts.ssh import ASKPASS, Login
from runner.check import require
from runner.errors import UnreadableOutput
from runner.host import Fact, Host, Reply
from runner.verdict import Failure

T = TypeVar("T")

_CONNECT = 5
"""Seconds until somebody has to answer at the other end."""
_PATIENCE = 15
"""Seconds for everything: a directory that is slow, the first login that makes a home."""
_TIMED_OUT = 124
_SSH_FAILED = 255
_NOT_RUN = (126, 127)
_IN = "here I am"
_SPOKE = "Permanently added"
"""What the client says once it has the server's key: from then on, who is cut off was refused."""
_NOBODY = (
    "Connection refused",
    "Connection timed out",
    "No route to host",
    "Network is unreachable",
    "Operation timed out",
)


@dataclass(frozen=True, slots=True)
class Visit(Generic[T]):
    """What became of a login, and of the question that was asked inside; None if nobody got in."""

    login: Login
    answer: T | None = None
    said: str = ""


class Somebody(Protocol):
    """Who has a login and a password, and may exist for a moment only."""

    @property
    def login(self) -> str:
        """The name of the account."""

    @property
    def password(self) -> str:
        """The one that counts."""


@dataclass(frozen=True)
class Entered(Fact[None]):
    """Nothing that is to be known: to be there is enough."""

    def command(self) -> str:
        """Does nothing."""
        return "true"

    def read(self, reply: Reply) -> None:
        """Nothing to be read."""


@dataclass(frozen=True)
class Visiting(Fact[Visit[T]]):
    """The answer to `question`, asked by `user` in a session of their own at `address`.

    What the question has on stderr comes after whatever is said at the door.
    """

    address: str
    user: str
    password: str = field(repr=False)
    question: Fact[T]

    timeout: ClassVar[float] = _PATIENCE + 5.0

    def command(self) -> str:
        """The password comes first on stdin, the rest of which is the question's."""
        there = f"echo {shlex.quote(_IN)}; {self.question.command()}"
        client = _client(self.address, self.user)
        how = "-o PreferredAuthentications=password,keyboard-interactive"
        return f"( {ASKPASS}\nLC_ALL=C timeout {_PATIENCE} {client} {how} {shlex.quote(there)} )"

    def stdin(self) -> bytes:
        """A line with the password, then what the question reads."""
        return f"{self.password}\n".encode() + self.question.stdin()

    def read(self, reply: Reply) -> Visit[T]:
        """Who is in says so; whatever comes after that is the answer."""
        before, entered, rest = f"\n{reply.stdout}".partition(f"\n{_IN}\n")
        if entered:
            if reply.status == _TIMED_OUT:
                raise UnreadableOutput(f"{self.user} got in, but heard nothing in {_PATIENCE} s")
            answer = self.question.read(Reply(reply.status, rest, reply.stderr, reply.seconds))
            return Visit(Login.ADMITTED, answer)
        return Visit(_turned_away(reply), said=f"{before}{reply.stderr}".strip())


@dataclass(frozen=True)
class Greeting(Fact[str | None]):
    """What everybody reads who wants to log in at `address`, before they are asked for anything.

    None if nobody answers there.
    """

    address: str
    user: str

    timeout: ClassVar[float] = _PATIENCE + 5.0

    def command(self) -> str:
        """Whoever offers no way to log in is told which there are, and the greeting before that."""
        client = _client(self.address, self.user)
        how = "-o BatchMode=yes -o PreferredAuthentications=none"
        return f"LC_ALL=C timeout {_PATIENCE} {client} {how} true"

    def read(self, reply: Reply) -> str | None:
        """All lines that are not the client's own."""
        if _turned_away(reply) is Login.UNREACHABLE:
            return None
        lines = reply.stderr.splitlines()
        return "\n".join(line for line in lines if _SPOKE not in line and _DENIED not in line)


def inside(asker: Host, address: str, person: Somebody, question: Fact[T]) -> T:
    """What somebody sees in a session of their own; a Failure if they do not get in."""
    visit = asker.ask(Visiting(address, person.login, person.password, question))
    if visit.login is not Login.ADMITTED:
        heard = visit.said.splitlines()[-1] if visit.said else "no word"
        raise Failure(
            f"{person.login} does not get in at {address}: {visit.login.value}, with {heard!r}",
            hint="what does the machine itself know of them, and its journal of the login?",
        )
    return cast("T", visit.answer)


def require_shut_out(asker: Host, address: str, login: str, password: str, who: str) -> None:
    """A Failure if somebody gets in, or nobody is there to refuse them; `who` ends in a comma."""
    visit = asker.ask(Visiting(address, login, password, Entered()))
    require(visit.login is not Login.ADMITTED, f"{login}, {who} gets in at {address}")
    require(
        visit.login is Login.REFUSED,
        f"nobody at {address} says whether {login} is let in: {visit.login.value}",
    )


_DENIED = "Permission denied ("


def _client(address: str, user: str) -> str:
    """The client without anything that is configured, but with what it and the server say."""
    return (
        f"ssh -T -F /dev/null -o ConnectTimeout={_CONNECT} -o LogLevel=INFO"
        " -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
        " -o IdentitiesOnly=yes -o NumberOfPasswordPrompts=1"
        f" -l {shlex.quote(user)} {shlex.quote(address)}"
    )


def _turned_away(reply: Reply) -> Login:
    """Why somebody did not get in."""
    said = reply.stderr
    if reply.status in _NOT_RUN and _SPOKE not in said:
        raise UnreadableOutput(f"ssh cannot be run: {reply.text!r}")
    if _SPOKE in said:
        return Login.REFUSED
    if reply.status in (_SSH_FAILED, _TIMED_OUT) and any(words in said for words in _NOBODY):
        return Login.UNREACHABLE
    if reply.status == _TIMED_OUT or "banner exchange" in said or "kex_exchange" in said:
        return Login.UNREACHABLE
    raise UnreadableOutput(f"cannot tell what became of a login: {reply.text[-300:]!r}")
