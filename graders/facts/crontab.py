"""When cron starts a line of a table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

FIELDS = 5
_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@annually": "0 0 1 1 *",
    "@yearly": "0 0 1 1 *",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NAMES = {name: number for number, name in enumerate(_MONTHS, 1)} | {
    name: number for number, name in enumerate(_DAYS)
}
_PART = re.compile(r"^(?:\*|(\w+)(?:-(\w+))?)(?:/(\d+))?$")
# Of minute, hour, day of the month, month and day of the week, where Sunday is both 0 and 7.
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_SUNDAY = 7


@dataclass(frozen=True, slots=True)
class Times:
    """What the five fields of a line allow. `either` day will do where both are restricted."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool

    def on(self, day: date) -> bool:
        """Whether anything is started on this day."""
        if day.month not in self.months:
            return False
        of_month, of_week = day.day in self.days, day.isoweekday() % _SUNDAY in self.weekdays
        return of_month or of_week if self.either else of_month and of_week

    def first(self, since: datetime) -> datetime | None:
        """The first start at or after `since`, if one is within a day."""
        found = (
            datetime.combine(day, time(hour, minute))
            for day in (since.date(), since.date() + timedelta(days=1))
            if self.on(day)
            for hour in sorted(self.hours)
            for minute in sorted(self.minutes)
        )
        start = next((one for one in found if one >= since), None)
        return start if start is not None and start - since < timedelta(days=1) else None


def times(text: str) -> Times | None:
    """What five fields or a word like @daily say; None if it is never due, or nonsense to cron."""
    words = _MACROS.get(text, text).split()
    if len(words) != FIELDS:
        return None
    found = [_numbers(word, *limits) for word, limits in zip(words, _RANGES, strict=True)]
    if not all(found):
        return None
    minutes, hours, days, months, weekdays = found
    # By the first character: to cron `*/2` is no restriction in this respect.
    either = not words[2].startswith("*") and not words[4].startswith("*")
    week = frozenset(number % _SUNDAY for number in weekdays)
    return Times(minutes, hours, days, months, week, either)


def _numbers(field: str, lowest: int, highest: int) -> frozenset[int]:
    """The numbers that a field stands for; none if any part of it cannot be read."""
    found: set[int] = set()
    for part in field.split(","):
        read = _PART.match(part)
        if read is None:
            return frozenset()
        first, last, step = read.groups()
        begin = lowest if first is None else _number(first)
        end = highest if first is None else _number(last or first)
        one_with_step = first is not None and last is None and step
        if not {begin, end} <= set(range(lowest, highest + 1)) or one_with_step or step == "0":
            return frozenset()
        # What ends before it begins, `fri-sun` included, is accepted by cron, and never due.
        found |= set(range(begin, end + 1, int(step or 1)))
    return frozenset(found)


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else _NAMES.get(word.lower(), -1)
