"""People's accounts in a directory: looked up, tried and probed without leaving a trace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graders.facts import ldif
from graders.facts.directory import (
    Accounts,
    Altered,
    Asked,
    LogIn,
    LogIns,
    Permission,
    named,
)
from graders.facts.ldif import Entry
from graders.facts.stand_in import PREFIX
from runner.host import Host
from runner.values import Person

_MALFORMED = "eA=="
"""No password, so it is never set; but whether it might be set is looked at before that."""


def log_in(client: Host, controller: Host, accounts: Mapping[str, str]) -> dict[str, LogIn]:
    """What becomes of logins with these passwords; that wrong ones were tried is taken back.

    Otherwise grading an unfinished job a few times would lock people out.
    """
    answers = client.ask(LogIns(tuple(accounts.items())))
    found = dict(zip(accounts, answers, strict=True))
    wrong = [name for name, answer in found.items() if answer is LogIn.WRONG]
    if wrong:
        counted = controller.ask(Accounts(named(*wrong), ("badPwdCount",)))
        changes = [
            ldif.modification(entry.dn, badPwdCount=0)
            for entry in counted
            if entry.number("badPwdCount")
        ]
        if changes:
            controller.ask(Altered("".join(changes)))
    return found


def by_login(controller: Host, people: Iterable[Person], *attributes: str) -> dict[str, Entry]:
    """The entries of those people who have an account, by login name."""
    matching = named(*(person.login for person in people))
    found = controller.ask(Accounts(matching, ("sAMAccountName", *attributes)))
    return {entry.one("sAMAccountName").lower(): entry for entry in found}


def everybody(controller: Host) -> list[Entry]:
    """Every account of a person or service, without those of checks that run beside this one."""
    found = controller.ask(Accounts("(objectCategory=person)", ("sAMAccountName",)))
    return [entry for entry in found if not entry.name.startswith(PREFIX)]


def may_reset(client: Host, who: Person, entries: Iterable[Entry]) -> dict[str, bool]:
    """For each account's common name whether `who` might reset its password; none is reset."""
    targets = tuple(entries)
    changes = tuple(ldif.modification(one.dn, unicodePwd__=_MALFORMED) for one in targets)
    answers = client.ask(Asked(who.login, who.password, changes))
    return {
        target.name: answer is not Permission.DENIED
        for target, answer in zip(targets, answers, strict=True)
    }
