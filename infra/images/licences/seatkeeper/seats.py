"""Seats: who has which, who gets one, and what becomes of those whose client is gone."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum

from .licence import Fault, Shelf
from .options import Options

MOST = 10_000
"""How many seats are held at a time, of all features together."""

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class Refusal(StrEnum):
    """Why there is no seat; the word that goes over the wire."""

    NO_FEATURE = "NO-FEATURE"
    BAD_SIGNATURE = "BAD-SIGNATURE"
    WRONG_HOST = "WRONG-HOST"
    NOT_YET = "NOT-YET"
    EXPIRED = "EXPIRED"
    NOT_ALLOWED = "NOT-ALLOWED"
    LIMIT = "LIMIT"
    NO_SEAT = "NO-SEAT"


_BY_FAULT = {
    Fault.SIGNATURE: Refusal.BAD_SIGNATURE,
    Fault.HOST: Refusal.WRONG_HOST,
    Fault.EARLY: Refusal.NOT_YET,
    Fault.EXPIRED: Refusal.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat that somebody has. `token` proves to the server that a client is the one that had it.

    `lost` is since when its client is gone (seconds of the epoch), None while it is there; `until`
    is when it is free again then, None if only an administrator frees it.
    """

    handle: int
    feature: str
    user: str
    host: str
    token: str = field(repr=False)
    since: float
    lost: float | None = None
    until: float | None = None


@dataclass
class Register:
    """All seats, by handle, under the licences and options that count at present."""

    shelf: Shelf = field(default_factory=Shelf)
    options: Options = field(default_factory=Options)
    held: dict[int, Seat] = field(default_factory=dict)
    last: int = 100

    def take(self, feature: str, user: str, host: str, token: str, now: float) -> Seat | Refusal:
        """A seat for somebody, or why there is none."""
        asker = Seat(self.last + 1, feature, user, host, token, now)
        refusal = self._unlicensed(feature)
        if refusal is not None:
            return refusal
        if not self.options.allows(feature, asker):
            return Refusal.NOT_ALLOWED
        holders = self.of(feature)
        if not self.options.within_limits(feature, asker, holders):
            return Refusal.LIMIT
        free = self.shelf.best[feature].seats - len(holders)
        if free - self.options.kept_from(feature, asker, holders) < 1 or len(self.held) >= MOST:
            return Refusal.NO_SEAT
        self.last = asker.handle
        self.held[asker.handle] = asker
        return asker

    def resume(self, handle: int, token: str) -> Seat | None:
        """The seat that a client had before it was cut off; None if it is not kept for it.

        Nobody is thrown out of their work because a licence has lapsed meanwhile.
        """
        seat = self.held.get(handle)
        if seat is None or seat.token != token:
            return None
        self.held[handle] = replace(seat, lost=None, until=None)
        return self.held[handle]

    def give_back(self, handle: int) -> Seat | None:
        """Free a seat; None if nobody has it."""
        return self.held.pop(handle, None)

    def lose(self, handle: int, now: float) -> Seat | None:
        """Note that the client of a seat is gone; None if nobody has it."""
        seat = self.held.get(handle)
        if seat is None or seat.lost is not None:
            return None
        linger = self.options.lingers.get(seat.feature)
        until = None if linger is None else now + linger
        self.held[handle] = replace(seat, lost=now, until=until)
        return self.held[handle]

    def lapse(self, now: float) -> tuple[Seat, ...]:
        """Free the seats that have lingered long enough, and say which."""
        over = [one for one in self.held.values() if one.until is not None and one.until <= now]
        for seat in over:
            del self.held[seat.handle]
        return tuple(over)

    def of(self, feature: str) -> tuple[Seat, ...]:
        """Who has a seat of a feature, oldest first."""
        return tuple(one for one in self.held.values() if one.feature == feature)

    @property
    def features(self) -> tuple[str, ...]:
        """All features of which anything is known."""
        known = {*self.shelf.best, *self.shelf.faults, *(one.feature for one in self.held.values())}
        return tuple(sorted(known))

    def taken(self) -> Mapping[str, int]:
        """How many seats are taken, by feature."""
        return Counter(one.feature for one in self.held.values())

    def fault(self, feature: str) -> Refusal | None:
        """Why a feature is not licensed at present; None if it is."""
        return self._unlicensed(feature)

    def _unlicensed(self, feature: str) -> Refusal | None:
        if feature in self.shelf.best:
            return None
        fault = self.shelf.faults.get(feature)
        return Refusal.NO_FEATURE if fault is None else _BY_FAULT[fault]


def written(register: Register) -> str:
    """The seats as text that `recalled` reads."""
    seats = [asdict(one) for one in register.held.values()]
    return json.dumps({"last": register.last, "seats": seats}, indent=1)


def recalled(register: Register, text: str, now: float) -> None:
    """Give the register the seats that were written down; raises ValueError.

    Their clients have to come and resume them: until then they count as lost.
    """
    match json.loads(text):
        case {"last": int(last), "seats": list(entries)}:
            seats = [_seat(entry) for entry in entries[:MOST]]
        case _:
            raise ValueError("no list of seats")
    register.held = {one.handle: one for one in seats}
    register.last = max([last, 100, *register.held])
    for handle in list(register.held):
        register.lose(handle, now)


def _seat(entry: object) -> Seat:
    match entry:
        case {
            "handle": int(handle),
            "feature": str(feature),
            "user": str(user),
            "host": str(host),
            "token": str(token),
            "since": float() | int() as since,
            "lost": float() | int() | None as lost,
            "until": float() | int() | None as until,
        } if all(_WORD.fullmatch(word) for word in (feature, user, host, token)):
            return Seat(handle, feature, user, host, token, since, lost, until)
        case _:
            raise ValueError("an entry is no seat")
