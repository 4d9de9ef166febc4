"""Mail as the people of an office have it: posted, arrived, waiting for the way out."""

from __future__ import annotations

import json
import re
import secrets
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from runner.errors import UnreadableOutput
from runner.host import Fact, Host, Reply

TRACE = "grading-"
"""What the subject of every mail of a grading begins with."""

_CONNECT = 8
"""Seconds until somebody has to answer at the other end."""
_PATIENCE = 20
_NO_LOGIN, _SILENT = 67, {6, 7, 28}
_REFUSED = {8, 55, 56}
_SEARCHED = re.compile(r"^\* SEARCH\b(.*)$", re.MULTILINE)
_SAFE = re.compile(r"^[A-Za-z0-9@._+-]+$")
# Whether the server is who it says is for its clients to see to.
_CURL = f"curl -sS -k --connect-timeout {_CONNECT} --max-time {_PATIENCE} -K -"


class Said(StrEnum):
    """What a mail server says; the value completes 'the server ...'."""

    YES = "takes it"
    NO_LOGIN = "refuses the login"
    REFUSED = "knows the login and refuses all the same"
    SILENT = "does not answer"


@dataclass(frozen=True, slots=True)
class Login:
    """With which name and password somebody comes to a mail server."""

    name: str
    password: str = field(repr=False)

    def line(self) -> str:
        """As curl reads it."""
        return f'user = "{self.name}:{self.password}"\n'


@dataclass(frozen=True)
class Posted(Fact[Said]):
    """A short mail, handed to the server: by somebody who logs in, or from outside without."""

    server: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    login: Login | None = None

    timeout: ClassVar[float] = _PATIENCE + 5.0

    def command(self) -> str:
        """What is in the mail comes as an argument, the login on stdin."""
        for word in (self.sender, *self.recipients, self.subject):
            if not _SAFE.match(word):
                raise ValueError(f"{word!r} is more than an address or a word")
        text = f"From: {self.sender}\\r\\nTo: {self.recipients[0]}\\r\\n"
        text += f"Subject: {self.subject}\\r\\n\\r\\n{self.subject}\\r\\n"
        door = f"--ssl-reqd smtp://{self.server}:587" if self.login else f"smtp://{self.server}"
        words = [f"--mail-from {self.sender}", *(f"--mail-rcpt {one}" for one in self.recipients)]
        curl = f"{_CURL} {door}/grading.test {' '.join(words)} -T {{}}"
        # Curl has one stdin: the mail comes by another way.
        return (
            f"( mail=$(mktemp) && trap 'rm -f \"$mail\"' EXIT || exit 1; "
            f'printf {shlex.quote(text)} > "$mail" && {curl.format(chr(34) + "$mail" + chr(34))} )'
        )

    def stdin(self) -> bytes:
        """The login, if there is one."""
        return self.login.line().encode() if self.login else b""

    def read(self, reply: Reply) -> Said:
        """By curl's exit status."""
        return _said(reply)


@dataclass(frozen=True)
class Opened(Fact[Said]):
    """Whether somebody gets into their mailbox (IMAP)."""

    server: str
    login: Login

    timeout: ClassVar[float] = _PATIENCE + 5.0

    def command(self) -> str:
        """The inbox is looked at; nothing in it is."""
        return f"{_CURL} imaps://{self.server}/ -X 'STATUS INBOX (MESSAGES)'"

    def stdin(self) -> bytes:
        """The login."""
        return self.login.line().encode()

    def read(self, reply: Reply) -> Said:
        """By curl's exit status."""
        return _said(reply)


@dataclass(frozen=True)
class Arrived(Fact[bool]):
    """Whether a mail of this subject is in somebody's inbox, within `patience` seconds."""

    server: str
    login: Login
    subject: str
    patience: int = 10

    timeout: ClassVar[float] = 45.0

    def command(self) -> str:
        """Looked for several times a second; the last answer counts."""
        search = shlex.quote(f"SEARCH SUBJECT {self.subject}")
        curl = f"{_CURL} imaps://{self.server}/INBOX -X {search}"
        return (
            f"read -r login; end=$(($(date +%s) + {self.patience})); "
            f'while :; do said=$(printf "%s\\n" "$login" | {curl}); status=$?; '
            f'case $said in *"SEARCH "[0-9]*) break ;; esac; '
            '[ "$(date +%s)" -lt "$end" ] || break; sleep 0.2; done; '
            'printf "%s\\n" "$said"; [ $status = 0 ]'
        )

    def stdin(self) -> bytes:
        """The login."""
        return self.login.line().encode()

    def read(self, reply: Reply) -> bool:
        """The numbers of the mails found."""
        found = _SEARCHED.search(reply.stdout)
        if reply.ok and found:
            return bool(found[1].strip())
        if not reply.ok and any(f"curl: ({one})" in reply.stderr for one in (_NO_LOGIN, *_SILENT)):
            return False
        raise UnreadableOutput(f"a mailbox cannot be searched: {reply.text[-300:]!r}")


@dataclass(frozen=True)
class Waiting(Fact[tuple[str, ...]]):
    """Who has not yet got what `sender` has sent by Postfix on the asked host.

    It waits `patience` seconds at most until Postfix has tried all of them once.
    """

    sender: str
    patience: int = 10

    timeout: ClassVar[float] = 25.0

    def command(self) -> str:
        """A line of JSON for each mail; what is still at work is looked at again."""
        sender = shlex.quote(f'"sender": "{self.sender}"')
        return (
            f"( end=$(($(date +%s) + {self.patience})); while queue=$(postqueue -j); status=$?; "
            f'mine=$(printf "%s\n" "$queue" | grep -F {sender}); '
            'case $mine in *"active"*|*"incoming"*) [ "$(date +%s)" -lt "$end" ] ;; '
            "*) false ;; esac; do sleep 0.1; done; "
            'printf "%s\n" "$mine"; exit $status )'
        )

    def read(self, reply: Reply) -> tuple[str, ...]:
        """All recipients of all these mails."""
        if not reply.ok:
            raise UnreadableOutput(f"the queue cannot be read: {reply.text[:300]!r}")
        try:
            mails = [json.loads(line) for line in reply.stdout.splitlines() if line.strip()]
            return tuple(str(one["address"]) for mail in mails for one in mail["recipients"])
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableOutput(f"the queue says {reply.stdout[:200]!r}") from error


@dataclass(frozen=True)
class Withdrawn(Fact[None]):
    """Every mail of this subject taken out of all mailboxes again.

    Of an `outsider`, whom there is not, what waits in the queue goes as well: what they have sent
    and what is to tell them of it.
    """

    subject: str
    outsider: str = ""
    mailboxes: str = "/srv/mail"

    def command(self) -> str:
        """Dovecot does without a mail whose file is gone."""
        queue = (
            f"postqueue -j | grep -F {shlex.quote(self.outsider)} | "
            'sed -n \'s/.*"queue_id": "\\([0-9A-Za-z]*\\)".*/\\1/p\' | postsuper -d - 2>/dev/null; '
        )
        subject, mailboxes = shlex.quote(self.subject), shlex.quote(self.mailboxes)
        mails = f"grep -rlZF {subject} {mailboxes} | xargs -0r rm -f"
        return (queue if self.outsider else "") + mails

    def read(self, reply: Reply) -> None:
        """Only a complaint matters."""
        if not reply.ok:
            raise UnreadableOutput(f"mails of the grader's stay behind: {reply.text[:300]!r}")


def outsider() -> str:
    """Somebody who writes once and never again, so that no other check's mail is taken for it."""
    return f"{TRACE}{secrets.token_hex(6)}@elsewhere.test"


@contextmanager
def posting(mail: Host, sender: str = "") -> Iterator[str]:
    """The subject of a mail that is nowhere any more after the `with` block.

    `sender` is the `outsider` who sends it, if one does.
    """
    subject = f"{TRACE}{secrets.token_hex(6)}"
    try:
        yield subject
    finally:
        mail.ask(Withdrawn(subject, sender))


def _said(reply: Reply) -> Said:
    if reply.ok:
        return Said.YES
    if reply.status == _NO_LOGIN:
        return Said.NO_LOGIN
    if reply.status in _SILENT:
        return Said.SILENT
    if reply.status in _REFUSED:
        return Said.REFUSED
    raise UnreadableOutput(f"a mail server was asked with this result: {reply.text[-300:]!r}")
