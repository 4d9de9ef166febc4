"""A jump host: who may log in on it over SSH, and what it lets through to where."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from graders.facts.network import Door
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply


class Passage(StrEnum):
    """What became of asking a jump host for a connection to somewhere."""

    OPEN = "open"
    FORBIDDEN = "forbidden"
    """Logged in, but the jump host's SSH does not forward to there."""
    FAILED = "failed"
    """Logged in and allowed, but the jump host itself did not get there."""
    REFUSED = "refused"
    """Not logged in: the key is not accepted."""
    UNREACHABLE = "unreachable"
    """No SSH server spoke."""


@dataclass(frozen=True)
class Keyring:
    """How somebody outside comes to a jump host: address, account, key file on the asking host."""

    address: str
    user: str
    key: str


@dataclass(frozen=True)
class Passages(Fact[Mapping[Door, Passage]]):
    """What the jump host opens of `doors`, all asked at once; `wait` is in seconds."""

    keyring: Keyring
    doors: tuple[Door, ...]
    wait: int = 5

    def command(self) -> str:
        """A line for each door: address, port, exit status, what ssh said."""
        asked = " ".join(f"ask {shlex.quote(address)} {port} &" for address, port in self.doors)
        return f"""\
( test -r {shlex.quote(self.keyring.key)} || exit 1
ask() {{
    said=$(timeout {self.wait + 1} {_ssh(self.keyring, self.wait)} -W "$1:$2" 2>&1 >/dev/null)
    echo "$1 $2 $? $(echo "$said" | tr '\\r\\n' '  ')"
}}
{asked} wait )"""

    def read(self, reply: Reply) -> Mapping[Door, Passage]:
        """Every door has its line."""
        found: dict[Door, Passage] = {}
        for line in reply.stdout.splitlines():
            match = re.fullmatch(r"(\S+) (\d+) (\d+) (.*)", line)
            if match is None:
                raise UnreadableOutput(f"expected 'address port status', found {line!r}")
            if int(match[3]) in _NOT_RUN:
                raise UnreadableOutput(f"ssh cannot be run: {match[4].strip()}")
            found[match[1], int(match[2])] = _passage(int(match[3]), match[4].strip())
        missing = [door for door in self.doors if door not in found]
        if missing:
            raise UnreadableOutput(f"no answer about {missing[0]}: {reply.text!r}")
        return found


@dataclass(frozen=True, slots=True)
class Landing:
    """How a login by way of a jump host ended: `problem` says what stopped it."""

    arrived: bool
    problem: str = ""


@dataclass(frozen=True)
class LoginBeyond(Fact[Landing]):
    """Whether `user` gets to `target` by way of the jump host, with the same key for both."""

    keyring: Keyring
    user: str
    target: str
    wait: int = 5
    timeout: ClassVar[float] = 15.0

    def command(self) -> str:
        """As `ssh -J` does it."""
        proxy = shlex.quote(f"ProxyCommand={_ssh(self.keyring, self.wait)} -W %h:%p")
        beyond = Keyring(self.target, self.user, self.keyring.key)
        key = shlex.quote(self.keyring.key)
        # Behind the second connection's patience stands the whole of the first.
        return f"test -r {key} && {_ssh(beyond, 2 * self.wait)} -o {proxy} true"

    def read(self, reply: Reply) -> Landing:
        """What stopped it is what the first of the two clients said."""
        if reply.ok:
            return Landing(arrived=True)
        said = reply.stderr.strip()
        if not said:
            raise UnreadableOutput(f"ssh ended with {reply.status} and said nothing")
        return Landing(arrived=False, problem=said.splitlines()[0].strip())


@dataclass(frozen=True)
class RunsCommands(Fact[bool]):
    """Whether the account on the jump host runs what it is told to."""

    keyring: Keyring
    wait: int = 5

    def command(self) -> str:
        """A sum: whatever else an account may print, this is not it."""
        key = shlex.quote(self.keyring.key)
        return f"test -r {key} && {_ssh(self.keyring, self.wait)} 'echo $((40000 + 2718))'"

    def read(self, reply: Reply) -> bool:
        """Any refusal will do, as long as there was a server to refuse."""
        if "42718" in reply.stdout:
            return True
        if _passage(reply.status, reply.stderr.strip()) is Passage.UNREACHABLE:
            raise UnreadableOutput(f"no SSH server spoke: {reply.text!r}")
        return False


@dataclass(frozen=True)
class WaysToLogIn(Fact[frozenset[str]]):
    """How a server lets `user` prove who they are: publickey, password, keyboard-interactive.

    Empty if no SSH server spoke.
    """

    address: str
    user: str
    wait: int = 5

    def command(self) -> str:
        """Ask for nothing, and the server lists what it would accept."""
        keyring = Keyring(self.address, self.user, "/dev/null")
        return f"{_ssh(keyring, self.wait)} -o PreferredAuthentications=none true"

    def read(self, reply: Reply) -> frozenset[str]:
        """The list stands in the refusal."""
        if reply.ok:
            return frozenset({"none"})
        match = re.search(r"Permission denied \(([a-z,-]+)\)", reply.stderr)
        if match:
            return frozenset(match[1].split(","))
        if _passage(reply.status, reply.stderr.strip()) is Passage.UNREACHABLE:
            return frozenset()
        raise UnreadableOutput(f"cannot tell what the server accepts: {reply.text!r}")


_TIMED_OUT = 124
_NOT_RUN = (126, 127)
_SAID = {
    "open failed: administratively prohibited": Passage.FORBIDDEN,
    "open failed": Passage.FAILED,
    "Permission denied (": Passage.REFUSED,
    "Too many authentication failures": Passage.REFUSED,
    "Connection refused": Passage.UNREACHABLE,
    "Connection timed out": Passage.UNREACHABLE,
    "Connection closed by": Passage.UNREACHABLE,
    "Connection reset by": Passage.UNREACHABLE,
    "No route to host": Passage.UNREACHABLE,
    "Network is unreachable": Passage.UNREACHABLE,
    "banner exchange": Passage.UNREACHABLE,
    "kex_exchange_identification": Passage.UNREACHABLE,
}


def _ssh(keyring: Keyring, wait: int) -> str:
    """The client without anything that its user has configured."""
    return (
        f"ssh -F /dev/null -i {shlex.quote(keyring.key)} -o BatchMode=yes"
        f" -o IdentitiesOnly=yes -o ConnectTimeout={wait} -o LogLevel=ERROR"
        " -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
        f" -l {shlex.quote(keyring.user)} {shlex.quote(keyring.address)}"
    )


def _passage(status: int, said: str) -> Passage:
    for words, passage in _SAID.items():
        if words in said:
            return passage
    if status == 0:
        return Passage.OPEN
    if status == _TIMED_OUT:
        return Passage.FAILED
    if said or status == 1:
        # Logged in, and told off by what the account runs instead of a shell.
        return Passage.FORBIDDEN
    raise UnreadableOutput(f"cannot tell what became of a connection: {said!r} ({status})")
