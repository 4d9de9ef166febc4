"""An assessment as the ledger has it: its clock, and how often somebody may begin one.

What runs says in a label that it is one; when it began, how long its clock stood and that it was
handed in are entries, which nobody can change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from runner.entry import Draft, Entry, Kind
from runner.errors import UsageError
from runner.ledger import revocations
from runner.rules import Rules, of_terms, terms
from runner.voice import counted

WARNINGS = (600.0, 120.0)
"""Seconds before the end at which every open shell says so."""
_AGAIN = 60.0
"""Seconds after which a clock that stands is looked at again."""
_NONE = timedelta(0)


class NotNow(UsageError):
    """The rules do not let somebody begin an assessment, at least not now."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One assessment of one person. `stood` is how long its clock stood, up to `paused`."""

    begun: Entry
    submitted: Entry | None = None
    paused: datetime | None = None
    stood: timedelta = _NONE
    revoked: bool = False

    @property
    def rules(self) -> Rules:
        """What was agreed when it began."""
        said = self.begun.body.get("terms")
        return of_terms(said if isinstance(said, Mapping) else {})

    @property
    def minutes(self) -> int:
        """How long it may take."""
        return int(self.begun.body.get("minutes", 0))

    @property
    def counts(self) -> bool:
        """Whether it uses up an attempt: not where the grader could not look, or it was revoked."""
        return not self.revoked and (self.submitted is not None or self.paused is None)

    @property
    def due(self) -> datetime:
        """When its time is over, unless its clock stands again before."""
        return self.begun.made_at + timedelta(minutes=self.minutes) + self.stood

    @property
    def ended(self) -> datetime:
        """When it was over: handed in, or left alone until its time was."""
        return self.submitted.made_at if self.submitted else self.due

    def left(self, now: datetime) -> timedelta:
        """How much of its time is left; of a clock that stands, how much there was."""
        return max(self.due - (self.paused or now), _NONE)

    def over(self, now: datetime) -> bool:
        """Its time is over, whether the clock stands by now or not."""
        return self.left(now) == _NONE


def begun_id(session: str, who: str, code: str, started: datetime) -> UUID:
    """The id of the entry that says that this world's assessment began: it is entered once."""
    when = started.isoformat(timespec="seconds")  # as the label has it
    return uuid5(NAMESPACE_OID, f"{session}\n{who}\n{code}\n{when}")


def submitted_id(begun: UUID) -> UUID:
    """The id of what is handed in of it, once."""
    return uuid5(begun, "submitted")


def begins(  # noqa: PLR0913 - what the entry says
    id: UUID, who: str, code: str, *, session: str, seed: int, rules: Rules, minutes: int
) -> Draft:
    """The entry that starts the clock of a lab that takes so many minutes."""
    body = {
        "session": session,
        "seed": str(seed),
        "minutes": int(rules.limit(minutes).total_seconds()) // 60,
        "terms": dict(terms(rules)),
    }
    return Draft(id, Kind.BEGUN, who, code, body)


def sittings(entries: Iterable[Entry]) -> tuple[Sitting, ...]:
    """Every assessment that these entries tell of, in the order in which they began."""
    there = list(entries)
    revoked = revocations(there)
    of = {str(one.id): _Course(one) for one in there if one.kind == Kind.BEGUN}
    handed_in = {submitted_id(course.begun.id): course for course in of.values()}
    for one in there:
        if one.kind == Kind.SUBMITTED and one.id in handed_in:
            handed_in[one.id].submitted = one
        elif (course := of.get(str(one.body.get("entry")))) and str(one.id) not in revoked:
            course.take(one)
    return tuple(course.sitting(revoked) for course in of.values())


def refuse_another(past: Sequence[Sitting], rules: Rules, who: str, now: datetime) -> None:
    """Nothing where one more may begin; NotNow says why it may not, and from when on it may."""
    used = [one for one in past if one.counts]
    if not used:
        return
    code = used[-1].begun.code
    if len(used) >= rules.attempts:
        raise NotNow(
            f"{counted(rules.attempts, 'attempt')} at an assessment of {code} may be made;"
            f" {who} has made {len(used)}",
            remedy=(
                f"./lab start {code} is practice; an instructor may revoke one, or allow more"
                " in the roster"
            ),
        )
    from_then = max(one.ended for one in used) + timedelta(minutes=rules.wait)
    if now < from_then:
        when = from_then.astimezone().strftime("%Y-%m-%d %H:%M")
        raise NotNow(
            f"between two assessments of {code} lie {counted(rules.wait, 'minute')};"
            f" the next of {who} may begin at {when}",
            remedy=f"./lab start {code} is practice until then",
        )


def seeds(past: Iterable[Sitting]) -> frozenset[int]:
    """What the worlds before were drawn from: none of them comes again."""
    return frozenset(int(str(one.begun.body.get("seed", "0")) or "0") for one in past)


def another_seed(draw: Callable[[], int], before: frozenset[int]) -> int:
    """A seed that was not there before."""
    while (seed := draw()) in before:
        pass
    return seed


def clock_text(sitting: Sitting, now: datetime) -> str:
    """The clock, in words."""
    left = minutes_text(sitting.left(now))
    of = f"{left} left of {counted(sitting.minutes, 'minute')}"
    if sitting.paused:
        since = sitting.paused.astimezone().strftime("%H:%M")
        return f"assessment, its clock stands since {since}: {of}"
    return f"assessment: {of}, until {sitting.due.astimezone().strftime('%H:%M')}"


def clock_data(sitting: Sitting, now: datetime) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "begun": sitting.begun.made_at.isoformat(),
        "minutes": sitting.minutes,
        "seconds_left": int(sitting.left(now).total_seconds()),
        "paused": sitting.paused is not None,
        "entry": sitting.begun.sequence,
    }


def minutes_text(left: timedelta) -> str:
    """A time in whole minutes, never more than there is; below one, in seconds."""
    seconds = int(left.total_seconds())
    return counted(seconds // 60, "minute") if seconds >= 60 else counted(seconds, "second")  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Ring:
    """What an open shell says now, if anything, in how many seconds it asks again, or its end."""

    text: str = ""
    wait: float = _AGAIN
    over: bool = False


@dataclass(slots=True)
class Bell:
    """Warns an open shell. `left` says how many seconds there are; None where the clock stands."""

    left: Callable[[], float | None]
    said: set[float] = field(default_factory=set)

    def ring(self) -> Ring:
        """What is to be said now. The clock may have stood meanwhile, so it is asked each time."""
        left = self.left()
        if left is None:
            return Ring()
        if left <= 0:
            return Ring("the time of this assessment is over", 0.0, over=True)
        passed = {mark for mark in WARNINGS if left <= mark}
        text = ""
        if passed - self.said:
            text = f"{minutes_text(timedelta(seconds=left + 0.999))} left in this assessment"
        self.said |= passed
        ahead = max((mark for mark in WARNINGS if mark < left), default=0.0)
        return Ring(text, left - ahead)


@dataclass(slots=True)
class _Course:
    """A sitting while its entries are gone through."""

    begun: Entry
    submitted: Entry | None = None
    paused: datetime | None = None
    stood: timedelta = _NONE

    def take(self, entry: Entry) -> None:
        if entry.kind == Kind.PAUSED and self.paused is None:
            self.paused = entry.made_at
        elif entry.kind == Kind.RESUMED and self.paused is not None:
            # A clock that was set back meanwhile gives nobody less time.
            self.stood += max(entry.made_at - self.paused, _NONE)
            self.paused = None

    def sitting(self, revoked: Mapping[str, Entry]) -> Sitting:
        gone = str(self.begun.id) in revoked
        gone = gone or (self.submitted is not None and str(self.submitted.id) in revoked)
        return Sitting(self.begun, self.submitted, self.paused, self.stood, gone)
