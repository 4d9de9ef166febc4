"""Mailboxes that are filled, mail by mail: what becomes of each mail, and who is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from graders.facts.mailprogram import PATIENCE, answered, asked, program, said, spelt
from graders.facts.post import TRACE, Login
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

# The first part of a filling is laid down by its owner, as from another mailbox: it need not go
# through the hands of Postfix, which takes its time over large mails. It is laid down in pieces,
# since the PC has little memory. A machine that stalls uses up the seconds of a watch, so looks
# count as well: 70 of them when all is well. Nothing is taken out before the watch is over: some
# servers are set up to say when a mailbox falls below its level, which is no warning.
_FILLED = r"""
import smtplib

token, filled, results, took = asked["subject"], [], [], [0]
LINE, PIECE = b"x" * 898 + b"\r\n", 2 << 20
LOOKS, LONGEST = 60, 15


def mail(recipient, size, subject):
    head = f"From: {asked['sender']}\r\nTo: {recipient}\r\nSubject: {subject}\r\n\r\n"
    return head.encode() + LINE * (size // len(LINE))


def sent(server, recipient, text):
    try:
        server.sendmail(asked["sender"], [recipient], text)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused):
        return False
    return True


class Box:
    def __init__(self, login, recipient, laid, mails):
        self.ends, self.before = [], None
        self.reader = opened(login)
        if not entered(self.reader, "INBOX", False):
            raise Closed("INBOX")
        self.before = self.new()
        filled.append(self)
        pieces = [min(PIECE, laid - start) for start in range(0, laid, PIECE)]
        self.laid = all(self.lay(mail(recipient, size, token)) for size in pieces)
        for number, size in enumerate(mails if self.laid else ()):
            self.ends.append(self.end_of(recipient, size, f"{token}-{len(filled)}-{number}"))
            if self.ends[-1] != "arrived":
                break

    def lay(self, text):
        return self.reader.append("INBOX", None, None, text)[0] == "OK"

    def end_of(self, recipient, size, subject):
        if not sent(server, recipient, mail(recipient, size, subject)):
            return "refused"
        began = time.monotonic()
        while time.monotonic() < began + asked["patience"]:
            self.reader.noop(), writer.noop()
            if found(self.reader, "SUBJECT", subject):
                took.append(time.monotonic() - began)
                return "arrived"
            if found(writer, "TEXT", subject):
                return "returned"
            time.sleep(0.05)
        return "waiting"

    def new(self):
        self.reader.noop()
        return set(found(self.reader, "ALL")) - (self.before or set())

    def others(self):
        return self.new() - set(found(self.reader, "SUBJECT", asked["trace"]))

    def own(self):
        return set(found(self.reader, "SUBJECT", token))


def watched(box):
    wait, began, looks = max(asked["watch"], min(20 * max(took), 12)), time.monotonic(), 0
    while not box.others():
        looks, since = looks + 1, time.monotonic() - began
        if since > LONGEST or (since > wait and looks > LOOKS):
            break
        time.sleep(0.05)


def fill():
    global server, writer
    login = asked["writer"]
    writer = opened(login)
    entered(writer, "INBOX", False)
    with smtplib.SMTP(asked["server"], 587, timeout=WAIT) as server:
        server.starttls(context=tls)
        server.login(login["name"], login["password"])
        for filling in asked["fillings"]:
            Box(**filling)
    if asked["watch"] and filled[-1].ends:
        watched(filled[-1])
    for box in filled:
        results.append({"laid": box.laid, "ends": box.ends, "told": bool(box.others())})


def tidy():
    for box in filled:
        removed(box.reader, box.others() | box.own())
    writer.noop()
    removed(writer, found(writer, "TEXT", token))


writer = None
answer = said(fill)
if writer is not None:
    tidied = said(tidy)
    answer = answer if answer["said"] != "yes" else tidied
told(**answer, results=results)
"""


class End(StrEnum):
    """What becomes of a mail; the value completes 'the mail ...'."""

    ARRIVED = "arrived"
    RETURNED = "returned"
    REFUSED = "refused"
    WAITING = "waiting"

    @property
    def told(self) -> bool:
        """Not taken, and the writer knows."""
        return self in {End.RETURNED, End.REFUSED}


@dataclass(frozen=True, slots=True)
class Filling:
    """A mailbox, its address, and in bytes what it is to be filled with.

    Its owner lays messages of the size `laid` into it, then mails come. The first that does not
    arrive is the last.
    """

    login: Login
    recipient: str
    laid: int
    mails: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """Whether there was room for what was `laid`, and what became of the mails, one by one.

    `told` if by then another mail has come, which is none of a grading's.
    """

    laid: bool
    ends: tuple[End, ...]
    told: bool


@dataclass(frozen=True)
class Fills(Fact[tuple[Filled, ...]]):
    """Mailboxes filled one after the other by somebody of the company, and emptied again.

    With `watch`, it waits so many seconds for the owner of the last one to get another mail as
    well, and longer where mails take long or looking for them does. `subject` begins with TRACE.
    What the writer gets back is removed; what waits in the queue is not.
    """

    server: str
    writer: Login
    sender: str
    subject: str
    fillings: tuple[Filling, ...]
    watch: int = 0
    patience: int = PATIENCE

    timeout: ClassVar[float] = 50.0

    def command(self) -> str:
        """One program for all."""
        return program(_FILLED)

    def stdin(self) -> bytes:
        """Who writes to whom, and how much."""
        return asked(
            self.server,
            writer=spelt(self.writer),
            sender=self.sender,
            subject=self.subject,
            fillings=[
                {
                    "login": spelt(one.login),
                    "recipient": one.recipient,
                    "laid": one.laid,
                    "mails": one.mails,
                }
                for one in self.fillings
            ],
            trace=TRACE,
            watch=self.watch,
            patience=self.patience,
        )

    def read(self, reply: Reply) -> tuple[Filled, ...]:
        """In the order of the fillings; none if somebody did not get in."""
        answer = answered(reply)
        said(answer)
        try:
            return tuple(
                Filled(bool(one["laid"]), tuple(End(end) for end in one["ends"]), bool(one["told"]))
                for one in answer["results"]
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UnreadableOutput(f"what became of mails is {reply.text[-300:]!r}") from error
