"""Mailboxes as mail programs show them: folders, what is in them, and how full they are (IMAP)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from graders.facts.mailprogram import answered, asked, program, said, spelt
from graders.facts.post import Login, Said
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

# With one mail that it cannot read, the server answers no search in a folder, and hangs up on
# whoever opens it: then each mail is looked at by itself.
_SEEN = r"""
everywhere = {}


def folders(box):
    for line in box.list()[1]:
        if isinstance(line, tuple):
            yield '"' + line[1].decode() + '"'
        elif line and b"\\Noselect" not in line and b"\\NonExistent" not in line:
            yield re.match(r'\([^)]*\) (?:"[^"]*"|NIL) (.*)', line.decode())[1]


def fetched(box, number, *parts):
    wanted = " ".join(f"BODY.PEEK[{part}]" for part in parts)
    answer = box.uid("FETCH", number, f"({wanted})")[1]
    return [part[1] for part in answer if isinstance(part, tuple)]


def digest(text):
    return hashlib.sha256(text.strip()).hexdigest()


class Look:
    def __init__(self, login, subject, patience, remove):
        self.login, self.subject, self.mails, self.unreadable = login, subject, {}, []
        end = time.monotonic() + patience
        while True:
            self.answer = said(self.look)
            if self.answer["said"] != "yes":
                boxes.pop(login["name"], None)
            if self.answer["said"] != "yes" or self.mails or time.monotonic() > end:
                break
            time.sleep(0.1)
        everywhere.update(self.mails)
        if remove and self.mails:
            self.answer = said(self.remove)

    def look(self):
        self.mails.clear(), self.unreadable.clear()
        for folder in dict.fromkeys([*folders(opened(self.login)), *everywhere]):
            if entered(opened(self.login), folder):
                here = list(self.texts(folder))
                if here:
                    self.mails[folder] = here

    def texts(self, folder):
        box = opened(self.login)
        try:
            numbers = found(box, "SUBJECT", '"' + self.subject + '"')
        except Closed:
            yield from self.one_by_one(folder, found(box, "ALL"))
            return
        for number in numbers:
            yield from map(digest, fetched(box, number, "TEXT"))

    def one_by_one(self, folder, numbers):
        for number in numbers:
            try:
                box = opened(self.login)
                entered(box, folder)
                subject, text = fetched(box, number, "HEADER.FIELDS (SUBJECT)", "TEXT")
            except (imaplib.IMAP4.abort, ValueError):
                boxes.pop(self.login["name"], None)
                self.unreadable.append(folder)
                continue
            if self.subject.encode() in subject:
                yield digest(text)

    def remove(self):
        box = opened(self.login)
        for folder in self.mails:
            if entered(box, folder, False):
                removed(box, found(box, "SUBJECT", '"' + self.subject + '"'))

    def result(self):
        return {**self.answer, "mails": self.mails, "unreadable": self.unreadable}


told(looks=[Look(**one).result() for one in asked["looks"]])
"""

_ROOMS = r"""
rooms = {}


def look(login):
    box = opened(login)
    if "QUOTA" in box.capability()[1][0].decode().split():
        for line in box.getquotaroot("INBOX")[1][1]:
            size = re.search(rb"STORAGE (\d+) (\d+)", line or b"")
            if size:
                rooms[login["name"]] = int(size[1]), int(size[2])


answers = [said(lambda: look(login)) for login in asked["logins"]]
others = [answer for answer in answers if answer["said"] == "problem"]
told(**(others or [{"said": "yes"}])[0], rooms=rooms)
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """The mails of one subject that a mail program shows: by folder, what is in each of them.

    That is the SHA-256 of the text without white space round it. `unreadable` are the folders that
    hold a mail of which the server tells nothing.
    """

    said: Said
    mails: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unreadable: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """What is in the mails, wherever they are."""
        return tuple(text for _, found in self.mails for text in found)


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody looks for: mails whose subject has `subject` in it.

    They wait `patience` seconds at most until there is one. With `remove` they delete what they
    find.
    """

    login: Login
    subject: str
    patience: int = 0
    remove: bool = False


@dataclass(frozen=True)
class Looks(Fact[tuple[Seen, ...]]):
    """What several people see, one after the other, in all folders that are shown to them.

    Each also tries the folders in which somebody before them has found something.
    """

    server: str
    looks: tuple[Look, ...]

    timeout: ClassVar[float] = 30.0

    def command(self) -> str:
        """One program for all."""
        return program(_SEEN)

    def stdin(self) -> bytes:
        """What is looked for, and the logins."""
        looks = [
            {
                "login": spelt(one.login),
                "subject": one.subject,
                "patience": one.patience,
                "remove": one.remove,
            }
            for one in self.looks
        ]
        return asked(self.server, looks=looks)

    def read(self, reply: Reply) -> tuple[Seen, ...]:
        """In the same order, folder by folder."""
        answers = answered(reply).get("looks", ())
        if len(answers) != len(self.looks):
            raise UnreadableOutput(f"of {len(self.looks)} looks there are {len(answers)} answers")
        return tuple(
            Seen(
                said(one),
                tuple((folder, tuple(texts)) for folder, texts in one["mails"].items()),
                tuple(one["unreadable"]),
            )
            for one in answers
        )


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a mailbox is used, and how much there is; in KiB."""

    used: int
    limit: int


@dataclass(frozen=True)
class Rooms(Fact[dict[str, Room | None]]):
    """How much room mail programs show for each of these people; None where they show none."""

    server: str
    logins: tuple[Login, ...]

    timeout: ClassVar[float] = 30.0

    def command(self) -> str:
        """One program for all."""
        return program(_ROOMS)

    def stdin(self) -> bytes:
        """All logins."""
        return asked(self.server, logins=[spelt(one) for one in self.logins])

    def read(self, reply: Reply) -> dict[str, Room | None]:
        """By name; who does not get in has none."""
        answer = answered(reply)
        said(answer)
        found = {one.name: answer["rooms"].get(one.name) for one in self.logins}
        return {name: Room(*pair) if pair else None for name, pair in found.items()}
