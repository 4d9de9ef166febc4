"""Rules for passwords in a Samba directory: what they say, and what they do to a new one."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar

from graders.facts import ldif
from graders.facts.directory import BASE, PATIENCE, Accounts, named
from graders.facts.ldif import Entry
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

_VARIED = 1
"""The bit of pwdProperties that asks for several kinds of characters."""


class Change(Enum):
    """What becomes of somebody's new password."""

    MADE = "accepted"
    AGAINST_RULES = "refused by the rules for passwords"


@dataclass(frozen=True)
class OwnPassword(Fact[Change]):
    """What becomes of a password that `name` chooses, at the first login or later."""

    timeout: ClassVar[float] = PATIENCE
    name: str
    old: str = field(repr=False)
    new: str = field(repr=False)

    def command(self) -> str:
        """The change is asked for over Kerberos, where one is allowed before the first login."""
        return f"kpasswd {shlex.quote(self.name)}"

    def stdin(self) -> bytes:
        """The old password and twice the new one."""
        return f"{self.old}\n{self.new}\n{self.new}\n".encode()

    def read(self, reply: Reply) -> Change:
        """Made or against the rules; anything else is no answer."""
        if "Password changed" in reply.text:
            return Change.MADE
        if "Password change rejected" in reply.text:
            return Change.AGAINST_RULES
        raise UnreadableOutput(f"the change of {self.name}'s password ended with: {reply.text}")


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that hold for one account. `guesses` is 0 where nothing ever locks."""

    length: int
    varied: bool
    history: int
    guesses: int

    def __str__(self) -> str:
        kinds = "varied" if self.varied else "of any kind"
        locks = f"locked after {self.guesses}" if self.guesses else "never locked"
        return f"{self.length} characters, {kinds}, not the last {self.history}, {locks}"


@dataclass(frozen=True)
class RulesFor(Fact[Rules]):
    """The rules that hold for `name`: of a policy object if one applies, else of the domain."""

    name: str

    def command(self) -> str:
        """The account, the domain and every policy object, in one search on the controller."""
        kinds = "(objectClass=msDS-PasswordSettings)(objectClass=domainDNS)"
        return Accounts(f"(|{kinds}{named(self.name)})", ("*", "msDS-ResultantPSO")).command()

    def read(self, reply: Reply) -> Rules:
        """The directory itself says which policy object wins."""
        found = {entry.dn: entry for entry in ldif.entries(reply.stdout)}
        accounts = [entry for entry in found.values() if entry.one("sAMAccountName") == self.name]
        if not accounts or BASE not in found:
            raise UnreadableOutput(f"the rules for {self.name} cannot be read: {reply.text[:200]}")
        policy = found.get(accounts[0].one("msDS-ResultantPSO"))
        return _of_domain(found[BASE]) if policy is None else _of_policy(policy)


def varied(length: int) -> str:
    """A password of that length with every kind of character."""
    return ("aB3-xY7+" * length)[:length]


def _of_domain(entry: Entry) -> Rules:
    return Rules(
        length=entry.number("minPwdLength"),
        varied=bool(entry.number("pwdProperties") & _VARIED),
        history=entry.number("pwdHistoryLength"),
        guesses=entry.number("lockoutThreshold"),
    )


def _of_policy(entry: Entry) -> Rules:
    return Rules(
        length=entry.number("msDS-MinimumPasswordLength"),
        varied=entry.one("msDS-PasswordComplexityEnabled") == "TRUE",
        history=entry.number("msDS-PasswordHistoryLength"),
        guesses=entry.number("msDS-LockoutThreshold"),
    )
