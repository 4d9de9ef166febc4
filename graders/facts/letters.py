"""The mail of an office that lost a message: who has which address, what was written, on trial."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager

from graders.facts.mailboxes import Look, Looks, Seen
from graders.facts.post import Login, Posted, Said, Waiting, outsider, posting
from runner.check import require
from runner.host import Host
from runner.values import Person, Values

SERVER = "mail"


def login_of(one: Person) -> Login:
    """How they come to the server."""
    return Login(one.login, one.password)


def mail_of(values: Values, one: Person) -> str:
    """Their own address."""
    return address_of(values, one.login)


def address_of(values: Values, name: str) -> str:
    """The company's address of this name."""
    return f"{name}@{values.company().domain}"


def loser_of(values: Values) -> Person:
    """Who misses a message."""
    return next(one for one in values.people("staff") if one.login == values.text("loser"))


def contract(values: Values, difference: int = 0) -> str:
    """The subject of the message that is missed, and of those about contracts near it."""
    return f"Contract {values.number('contract') + difference}"


def digest(values: Values, subject: str, text: str) -> str:
    """The SHA-256 of what is in one of the messages that were laid down."""
    line = f"{values.company().name};{values.seed};{subject};{text}"
    return hashlib.sha256(line.encode()).hexdigest()


def called(folder: str) -> str:
    """A folder's own name: what is between the others is up to the server."""
    return re.split(r"[./]", folder.strip('"'))[-1]


def seen(desk: Host, *looks: Look) -> tuple[Seen, ...]:
    """What they see, one after the other."""
    return desk.ask(Looks(SERVER, looks))


@contextmanager
def from_outside(desk: Host, mail: Host, *addresses: str) -> Iterator[tuple[str, ...]]:
    """The subjects of mails from outside to these addresses, tried to be delivered; gone later."""
    sender = outsider()
    with posting(mail, sender) as trace:
        subjects = tuple(f"{trace}-{number}" for number, _ in enumerate(addresses))
        for address, subject in zip(addresses, subjects, strict=True):
            found = desk.ask(Posted(SERVER, sender, (address,), subject))
            require(found is Said.YES, f"the server does not take mail for {address}: it {found}")
        mail.ask(Waiting(sender))
        yield subjects


def require_sent(desk: Host, values: Values, one: Person, address: str, subject: str) -> None:
    """They can send a mail."""
    found = desk.ask(Posted(SERVER, mail_of(values, one), (address,), subject, login_of(one)))
    require(found is Said.YES, f"{one.login} cannot send mail: the server {found}")


def require_reads(found: Seen, one: Person) -> None:
    """They get into their mailbox."""
    require(found.said is Said.YES, f"{one.login} cannot read mail: the server {found.said}")


def require_arrived(found: Seen, one: Person, address: str) -> None:
    """They see a mail that was sent to the address."""
    require_reads(found, one)
    require(
        found.mails,
        f"{one.login} sees nothing of a mail that was sent to {address}",
        hint="/var/log/mail.log on the server says what became of it",
    )


def require_not_seen(found: Seen, one: Person, address: str) -> None:
    """They see none that was sent to the address."""
    require(not found.mails, f"{one.login} sees what was sent to {address}, too")
