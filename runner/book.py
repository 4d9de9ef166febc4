"""The ledger, open to be written in: entries found by what people call them, and new ones made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from runner import keys
from runner.entry import GRADINGS, Draft, Entry, Kind
from runner.errors import UsageError
from runner.keys import SigningKey
from runner.ledger import Standing, in_force
from runner.printable import one_line
from runner.record import Record, open_record
from runner.rules import roster

_CODE = re.compile(r"[1-9][0-9]?[a-z]")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Book:
    """The ledger and the key that signs in it; made by `open_book`."""

    record: Record
    key: SigningKey

    def entry(self, which: str, who: str) -> Entry:
        """Somebody's entry by its number or id."""
        which = which.strip().lower()
        found = None
        if _NUMBER.fullmatch(which):
            found = self.record.entry(sequence=int(which))
        elif _ID.fullmatch(which):
            found = self.record.entry(id=UUID(which))
        else:
            raise UsageError(
                "The number of an entry was expected.",
                remedy="./lab record shows the numbers; so does whoever entered something.",
            )
        if found is None or found.kind in {Kind.OPENED, Kind.KEY_ROTATED}:
            raise UsageError(
                f"There is no entry {which} about anybody.",
                remedy="./lab record shows the numbers.",
            )
        if found.apprentice != who:
            raise UsageError(
                f"Entry {which} is not about {who}.", remedy="--as says whose record is meant."
            )
        return found

    def named(self, which: str, who: str) -> Entry:
        """An entry by its number or id; the last grading, where none or only a code is named."""
        which = which.strip().lower()
        if which and not _CODE.fullmatch(which):
            return self.entry(which, who)
        last = self.record.newest(who, which)
        if last is None:
            at = f" of {one_line(which, 40)}" if which else ""
            raise UsageError(
                f"No grading{at} by {who} is in the ledger.",
                remedy="./lab record shows what is; --as says whose record is meant.",
            )
        return last

    def grading(self, which: str, who: str) -> Entry:
        """A grading by the number of its entry, or the last one of a competency."""
        found = self.named(which, who)
        if found.kind not in GRADINGS:
            raise UsageError(
                f"Entry {found.sequence} is no grading, but {one_line(found.kind, 40)}.",
                remedy="./lab record shows the numbers of gradings.",
            )
        return found

    def in_force(self, which: str, who: str) -> Entry:
        """The same, if it was not revoked."""
        found = self.grading(which, who)
        standing = next(s for s in self._standings(who, found.code) if s.entry.id == found.id)
        if standing.revoked:
            raise UsageError(
                f"Entry {found.sequence} was revoked by entry {standing.revoked.sequence}.",
                remedy=f"./lab revoke {standing.revoked.sequence} puts it into force again.",
            )
        return found

    def demonstrated(self, which: str, who: str) -> Entry:
        """A grading that counts as demonstrated: the named one, or the last."""
        found = self.grading(which, who)
        any_of_them = _CODE.fullmatch(which.strip().lower())
        for standing in reversed(self._standings(who, found.code)):
            if not any_of_them and standing.entry.id != found.id:
                continue
            entry = self.record.entry(id=standing.entry.id)
            automatic = entry is not None and entry.body.get("demonstrated") is True
            if entry is not None and standing.demonstrated(automatic=automatic):
                return entry
        raise UsageError(
            f"{found.code} does not count as demonstrated by {who}: there is nothing to co-sign.",
            remedy="--observed TEXT enters what you saw on the job.",
        )

    def enter(self, kind: Kind, other: Entry, body: Mapping[str, Any]) -> Entry:
        """Enter something about another entry."""
        return self.about(kind, other.apprentice, other.code, body)

    def about(self, kind: Kind, who: str, code: str, body: Mapping[str, Any]) -> Entry:
        """Enter something about somebody's competency."""
        draft = Draft(uuid4(), kind, who, code, body)
        return self.record.enter(draft, self.key)

    def _standings(self, who: str, code: str) -> list[Standing]:
        counts = roster().practice_counts
        found = in_force(self.record.about(who, code), practice_counts=counts)
        return list(found.gradings.values())


@contextmanager
def open_book() -> Iterator[Book]:
    """Open the ledger; what waited for the key is made up. KeyUnavailable or RecordUnavailable."""
    key = keys.signing()
    with open_record() as record:
        record.make_up(key)
        yield Book(record, key)
