"""An account of the grader's own, on which rules can be tried without touching anybody's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from graders.facts import ldif
from graders.facts.directory import BASE, Altered
from runner.check import require
from runner.errors import UnreadableOutput
from runner.host import Host

PREFIX = "grading-"
"""How every such account is called, so that other checks look past it."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """An ordinary account in OU=Staff. `passwords` are those it has had, the last one counts."""

    name: str
    dn: str
    passwords: tuple[str, ...] = field(repr=False)

    @property
    def password(self) -> str:
        """The password it has now."""
        return self.passwords[-1]


@contextmanager
def stand_in(
    controller: Host, purpose: str, *, earlier: int = 0, must_change: bool = False
) -> Iterator[StandIn]:
    """An account that exists within the `with` block; it has had `earlier` other passwords."""
    name = f"{PREFIX}{purpose}"
    # Long and varied enough for any rule that could be asked for.
    passwords = tuple(f"Only-4-the-Length-of-1-Check-{n:03}" for n in range(earlier + 1))
    account = StandIn(name, f"CN={name},OU=Staff,{BASE}", passwords)
    creation = Altered(_creation(account, must_change=must_change))
    refused = controller.ask(creation)
    if "already exists" in refused:  # left behind by a grading that was killed
        _remove(controller, account)
        refused = controller.ask(creation)
    require(
        "No such object" not in refused,
        f"OU=Staff, in which the staff's accounts stand, is not in the directory: {refused}",
        hint="the brief says which parts of the directory are to stay",
    )
    if refused:
        raise UnreadableOutput(f"the account {name} cannot be made: {refused}")
    try:
        yield account
    finally:
        _remove(controller, account)


def _creation(account: StandIn, *, must_change: bool) -> str:
    first, *later = [ldif.quoted_password(password) for password in account.passwords]
    created = (
        f"dn: {account.dn}\nchangetype: add\nobjectClass: user\nsAMAccountName: {account.name}\n"
        f"userAccountControl: 512\nunicodePwd:: {first}\n\n"
    )
    changed = "".join(ldif.modification(account.dn, unicodePwd__=word) for word in later)
    return created + changed + (ldif.modification(account.dn, pwdLastSet=0) if must_change else "")


def _remove(controller: Host, account: StandIn) -> None:
    refused = controller.ask(Altered(f"dn: {account.dn}\nchangetype: delete\n"))
    if refused and "No such object" not in refused and "No such Base DN" not in refused:
        raise UnreadableOutput(f"the account {account.name} cannot be removed: {refused}")
