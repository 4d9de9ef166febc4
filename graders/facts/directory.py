"""A Samba directory: asked from a client as somebody, or on its controller as the system.

The image `directory` fixes the names: realm OFFICE.TEST on dc.office.test. A client asks over LDAP
with TLS, since a bind there says exactly why it is refused.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import ClassVar

from graders.facts import ldif
from graders.facts.ldif import Entry
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

SERVER = "dc.office.test"
REALM = "office.test"
BASE = "DC=office,DC=test"
PATIENCE = 25.0
"""Seconds for an answer that takes one at most: a classroom's machine may be busy with others."""
NEVER = (0, 2**63 - 1, -(2**63))
"""How the directory writes that a moment never comes."""

# Here the running controller takes whoever can open the socket, which is root, for the system.
_SYSTEM = "ldapi:///var/lib/samba/private/ldap_priv/ldapi"
_URL = f"ldaps://{SERVER}"
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_REASON = re.compile(r"AcceptSecurityContext error, data ([0-9a-f]+)")


class LogIn(Enum):
    """What the directory says to a name and a password; the value completes 'the login ...'."""

    ACCEPTED = "is accepted"
    WRONG = "is refused: no such account, or another password"
    MUST_CHANGE = "is accepted, but the password must be changed first"
    OUTDATED = "is refused: the password has expired"
    DISABLED = "is refused: the account is disabled"
    EXPIRED = "is refused: the account has expired"
    LOCKED = "is refused: the account is locked"
    RESTRICTED = "is refused: not at this hour or from this computer"
    UNANSWERED = "is not answered: the domain controller does not serve its directory"


_REASONS = {
    "525": LogIn.WRONG,
    "52e": LogIn.WRONG,
    "530": LogIn.RESTRICTED,
    "531": LogIn.RESTRICTED,
    "532": LogIn.OUTDATED,
    "533": LogIn.DISABLED,
    "701": LogIn.EXPIRED,
    "773": LogIn.MUST_CHANGE,
    "775": LogIn.LOCKED,
}


@dataclass(frozen=True)
class LogIns(Fact[tuple[LogIn, ...]]):
    """What becomes of each (name, password), in the order given; `in_turn` one after the other."""

    timeout: ClassVar[float] = PATIENCE
    accounts: tuple[tuple[str, str], ...] = field(repr=False)
    in_turn: bool = False

    def command(self) -> str:
        """Each bind prints its number and its answer on one line; the passwords come by stdin."""
        bind = f'ldapwhoami -x -H {_URL} -D "$name@{REALM}" -w "$password" 2>&1'
        one = f'printf "%s %s\\n" "$number" "$({bind} | tr "\\n" " ")"'
        loop = one if self.in_turn else f"{{ {one}; }} &"
        separator = ";" if self.in_turn else ""
        return (
            "export LDAPTLS_REQCERT=never LDAPNETWORK_TIMEOUT=5; "
            f"while read -r number name password; do {loop}{separator} done; wait"
        )

    def stdin(self) -> bytes:
        """One numbered line for each account."""
        lines = [f"{n} {name} {word}\n" for n, (name, word) in enumerate(self.accounts)]
        return "".join(lines).encode()

    def read(self, reply: Reply) -> tuple[LogIn, ...]:
        """The answers in the order of the accounts."""
        found: dict[int, LogIn] = {}
        for line in reply.stdout.splitlines():
            number, _, answer = line.partition(" ")
            if not number.isdigit():
                raise UnreadableOutput(f"an answer has no number: {line!r}")
            found[int(number)] = _log_in(answer)
        if sorted(found) != list(range(len(self.accounts))):
            raise UnreadableOutput(f"{len(found)} of {len(self.accounts)} logins were answered")
        return tuple(found[number] for number in sorted(found))


@dataclass(frozen=True)
class Accounts(Fact[tuple[Entry, ...]]):
    """The entries that match an LDAP filter, read on the controller; (& | ! as in LDAP)."""

    matching: str
    attributes: tuple[str, ...]

    def command(self) -> str:
        """A search by the controller itself: it needs nobody's password."""
        wanted = " ".join(shlex.quote(name) for name in self.attributes)
        return f"ldbsearch -H {_SYSTEM} -b {BASE} {shlex.quote(self.matching)} {wanted}"

    def read(self, reply: Reply) -> tuple[Entry, ...]:
        """The entries, without referrals."""
        if not reply.ok:
            raise UnreadableOutput(f"the directory cannot be searched: {reply.text}")
        return ldif.entries(reply.stdout)


@dataclass(frozen=True)
class Altered(Fact[str]):
    """Why the controller refuses a change that it is to make itself; empty if it made it."""

    timeout: ClassVar[float] = PATIENCE
    changes: str = field(repr=False)

    def command(self) -> str:
        """The change is made by the controller itself: access rights do not matter."""
        return f"ldbmodify -H {_SYSTEM}"

    def stdin(self) -> bytes:
        """The change as LDIF."""
        return self.changes.encode()

    def read(self, reply: Reply) -> str:
        """The database's complaint, without the place in its source."""
        if reply.ok and "successfully" in reply.stdout:
            return ""
        complaint = re.search(
            r'ERR: \((?P<kind>[^)]*)\) "(?P<text>.*?)" on DN', reply.text, re.DOTALL
        )
        if complaint is None:
            raise UnreadableOutput(f"the change was neither made nor refused: {reply.text}")
        return f"{complaint['kind']}: {complaint['text']}"


class Permission(Enum):
    """What the directory says to a change that somebody asks for."""

    DONE = "done"
    DENIED = "no right to do that"
    AGAINST_RULES = "allowed to, but the rules for passwords forbid it"
    UNFIT = "allowed to, but the change itself makes no sense"


_PERMISSIONS = {
    0: Permission.DONE,
    16: Permission.UNFIT,
    19: Permission.AGAINST_RULES,
    20: Permission.UNFIT,
    32: Permission.DENIED,
    50: Permission.DENIED,
    53: Permission.UNFIT,
    68: Permission.UNFIT,
}


@dataclass(frozen=True)
class Asked(Fact[tuple[Permission, ...]]):
    """How the directory answers changes that `name` asks for, one connection for each.

    A change that cannot succeed, such as a malformed password, tells whether it would be allowed
    and changes nothing: rights are looked at first.
    """

    timeout: ClassVar[float] = PATIENCE
    name: str
    password: str = field(repr=False)
    changes: tuple[str, ...] = field(repr=False)

    def command(self) -> str:
        """The password and the number of changes come by stdin, then the changes."""
        modify = f'ldapmodify -x -H {_URL} -D {shlex.quote(f"{self.name}@{REALM}")} -w "$password"'
        each = " ".join(
            f"(printf %s {shlex.quote(change)} | {modify} >/dev/null 2>&1; echo {number} $?) &"
            for number, change in enumerate(self.changes)
        )
        setting = "export LDAPTLS_REQCERT=never LDAPNETWORK_TIMEOUT=5"
        return f"{setting}; read -r password; {each} wait"

    def stdin(self) -> bytes:
        """The password."""
        return f"{self.password}\n".encode()

    def read(self, reply: Reply) -> tuple[Permission, ...]:
        """The answers in the order of the changes: ldapmodify ends with LDAP's own result code."""
        found: dict[int, Permission] = {}
        for line in reply.stdout.splitlines():
            number, _, code = line.partition(" ")
            if not number.isdigit() or not code.isdigit() or int(code) not in _PERMISSIONS:
                raise UnreadableOutput(f"{self.name}'s change was answered with {line!r}")
            found[int(number)] = _PERMISSIONS[int(code)]
        if sorted(found) != list(range(len(self.changes))):
            raise UnreadableOutput(f"{len(found)} of {len(self.changes)} changes were answered")
        return tuple(found[number] for number in sorted(found))


@dataclass(frozen=True)
class Writable(Fact[tuple[Entry, ...]]):
    """What `name` may write: allowedAttributesEffective and allowedChildClassesEffective."""

    name: str
    password: str = field(repr=False)
    matching: str

    def command(self) -> str:
        """A search by `name`; the directory computes the rights of whoever asks."""
        return (
            "read -r password; LDAPTLS_REQCERT=never LDAPNETWORK_TIMEOUT=5 ldapsearch -x -LLL "
            f'-o ldif-wrap=no -H {_URL} -D {shlex.quote(f"{self.name}@{REALM}")} -w "$password" '
            f"-b {BASE} {shlex.quote(self.matching)} "
            "allowedAttributesEffective allowedChildClassesEffective"
        )

    def stdin(self) -> bytes:
        """The password."""
        return f"{self.password}\n".encode()

    def read(self, reply: Reply) -> tuple[Entry, ...]:
        """The entries, without referrals."""
        if not reply.ok:
            raise UnreadableOutput(f"{self.name} cannot search the directory: {reply.text}")
        return ldif.entries(reply.stdout)


def filetime(moment: datetime) -> int:
    """A moment as the directory writes it: tenths of microseconds since 1601."""
    return int((moment - _EPOCH) / timedelta(microseconds=1)) * 10


def moment(stamp: int) -> datetime:
    """The moment that the directory means."""
    return _EPOCH + timedelta(microseconds=stamp // 10)


def named(*names: str) -> str:
    """An LDAP filter for entries by their account names."""
    return f"(|{''.join(f'(sAMAccountName={name})' for name in names)})"


def _log_in(answer: str) -> LogIn:
    if answer.startswith("u:"):
        return LogIn.ACCEPTED
    if "Can't contact LDAP server" in answer:
        return LogIn.UNANSWERED
    reason = _REASON.search(answer)
    if reason is None or reason[1] not in _REASONS:
        raise UnreadableOutput(f"a login was answered with: {answer.strip()}")
    return _REASONS[reason[1]]
