"""An OpenLDAP directory of people: who is in it, whom it knows by their password."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar

from graders.facts import ldif
from graders.facts.ldif import Entry
from runner.errors import UnreadableOutput
from runner.host import Fact, Host, Reply

PREFIX = "grading-"
"""How every account is called that the grader makes, so that other checks look past it."""

_PATIENCE = 5
"""Seconds that the directory gets to answer."""
# Whether the directory is who it says is for its clients to see to. Here it is found by address.
_TRUST = "LDAPTLS_REQCERT=never"
_NUMBER = 59_000


class Known(Enum):
    """What a directory says to a name and a password; by the number it says it with."""

    YES = 0
    TOO_OPEN = 13
    """It does not listen to passwords that come in the clear."""
    NO = 49
    SILENT = 255


@dataclass(frozen=True)
class Knows(Fact[tuple[Known, ...]]):
    """Whether the directory at `uri` takes each of these passwords, in the order of `accounts`.

    Each account is a distinguished name and a password.
    """

    uri: str
    accounts: tuple[tuple[str, str], ...] = field(repr=False)

    timeout: ClassVar[float] = 20.0

    def command(self) -> str:
        """A line for each: the client's exit status."""
        ask = f"ldapwhoami -x -H {shlex.quote(self.uri)} -o nettimeout={_PATIENCE}"
        return (
            'while IFS= read -r name && IFS= read -r word; do printf %s "$word" | '
            f'{_TRUST} {ask} -D "$name" -y /dev/stdin >/dev/null; echo $?; done'
        )

    def stdin(self) -> bytes:
        """A line with the name, a line with the password."""
        return "".join(f"{name}\n{word}\n" for name, word in self.accounts).encode()

    def read(self, reply: Reply) -> tuple[Known, ...]:
        """Numbers of the protocol."""
        try:
            found = tuple(Known(int(line)) for line in reply.stdout.split())
        except ValueError:
            found = ()
        if len(found) != len(self.accounts):
            raise UnreadableOutput(f"the directory's answers cannot be read: {reply.text[-300:]!r}")
        return found


@dataclass(frozen=True)
class Entries(Fact[tuple[Entry, ...]]):
    """What anybody may read of these attributes in the directory at `uri`; none if it is silent."""

    uri: str
    base: str
    matching: str
    attributes: tuple[str, ...]

    def command(self) -> str:
        """Long lines stay in one piece."""
        words = ["ldapsearch", "-x", "-LLL", "-H", self.uri, "-o", f"nettimeout={_PATIENCE}"]
        words += ["-o", "ldif-wrap=no", "-b", self.base, self.matching, *self.attributes]
        return f"{_TRUST} {shlex.join(words)}"

    def read(self, reply: Reply) -> tuple[Entry, ...]:
        """LDIF."""
        if reply.status == Known.SILENT.value:
            return ()
        if not reply.ok:
            raise UnreadableOutput(f"the directory cannot be searched: {reply.text[-300:]!r}")
        return ldif.entries(reply.stdout)


@dataclass(frozen=True)
class Changed(Fact[str]):
    """Changes in LDIF, made by root on the directory's own machine; why not, empty if they were."""

    changes: str = field(repr=False)

    def command(self) -> str:
        """Over the socket, where root needs no password."""
        return "ldapmodify -Q -Y EXTERNAL -H ldapi:/// >/dev/null"

    def stdin(self) -> bytes:
        """LDIF."""
        return self.changes.encode()

    def read(self, reply: Reply) -> str:
        """The complaint's first line, as far as it is the directory's."""
        if reply.ok:
            return ""
        complaint = next((line for line in reply.stderr.splitlines() if line.strip()), "")
        return complaint.strip() or f"ldapmodify ended with {reply.status}"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is in the directory for a moment, so that nobody can have prepared for them."""

    login: str
    number: int
    home: str
    password: str = field(repr=False)
    entry: str


@contextmanager
def newcomer(
    server: Host, base: str, number: int, *groups: str, unit: str = "people", ends: int = 0
) -> Iterator[Newcomer]:
    """Somebody new in `unit`, and a member of `groups`, within the `with` block.

    `number` tells those apart that are there at the same time; `ends` is the day, counted from
    1970, from which the account is over, if there is one.
    """
    login = f"{PREFIX}{number}"
    entry = f"uid={login},ou={unit},{base}"
    person = Newcomer(login, _NUMBER + number, f"/home/{login}", secrets.token_hex(8), entry)
    _leave(server, base, person, groups)
    refused = server.ask(Changed(_joining(base, person, groups, ends)))
    try:
        if refused:
            raise UnreadableOutput(f"{login} cannot be put into the directory: {refused}")
        yield person
    finally:
        _leave(server, base, person, groups)


def _joining(base: str, person: Newcomer, groups: tuple[str, ...], ends: int) -> str:
    attributes = {
        "objectClass": "inetOrgPerson",
        "uid": person.login,
        "cn": "Grading",
        "sn": "Grading",
        "uidNumber": person.number,
        "gidNumber": 5000,
        "homeDirectory": person.home,
        "loginShell": "/bin/bash",
        "userPassword": person.password,
        **({"shadowExpire": ends} if ends else {}),
    }
    lines = [f"dn: {person.entry}", "changetype: add"]
    lines += [f"objectClass: {kind}" for kind in ("posixAccount", "shadowAccount")]
    lines += [f"{name}: {value}" for name, value in attributes.items()]
    return "\n".join(lines) + "\n\n" + _member(base, person, groups, "add")


def _leave(server: Host, base: str, person: Newcomer, groups: tuple[str, ...]) -> None:
    """Take somebody out of the directory again, also if a grading that was killed left them."""
    for change in (
        *(_member(base, person, (group,), "delete") for group in groups),
        f"dn: {person.entry}\nchangetype: delete\n",
    ):
        refused = server.ask(Changed(change))
        if refused and not any(f"({number})" in refused for number in _NOT_THERE):
            raise UnreadableOutput(f"{person.login} cannot be taken out of it: {refused}")


_NOT_THERE = (16, 32)
"""What the directory says to the removal of a value, or of an entry, that it does not have."""


def _member(base: str, person: Newcomer, groups: tuple[str, ...], how: str) -> str:
    return "".join(
        f"dn: cn={group},ou=groups,{base}\nchangetype: modify\n{how}: memberUid\n"
        f"memberUid: {person.login}\n\n"
        for group in groups
    )
