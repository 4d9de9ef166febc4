"""When cron starts a line, by its five fields."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.facts.crontab import times

# A Monday.
EVENING = datetime(2026, 11, 23, 20)  # noqa: DTZ001 - the clock of a host, wherever it stands
WEEK = [EVENING + timedelta(days=day) for day in range(7)]


def due(text: str) -> str:
    """A letter for each of seven days from Monday on, with a point where nothing is started."""
    found = times(text)
    assert found is not None
    return "".join(
        "." if found.first(evening) is None else letter
        for letter, evening in zip("mtwtfss", WEEK, strict=True)
    )


@pytest.mark.parametrize(
    "text",
    [
        "15 2 * * *",
        "0 20 * * *",
        "59 19 * * *",
        "@daily",
        "@midnight",
        "@hourly",
        "15 2 * * 0-6",
        "15 2 * * 1-7",
        "15 2 * * mon,tue,wed,thu,fri,sat,sun",
        "15 2 */1 jan-dec *",
        "15 2 1-31 * *",
        "*/10 0-4 * * *",
    ],
)
def test_many_lines_are_due_every_day(text: str) -> None:
    assert due(text) == "mtwtfss"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # After midnight it is the next day: the night of Monday ends on Tuesday.
        ("15 2 * * 1-5", "mtwt..s"),
        ("15 2 * * Mon-Fri", "mtwt..s"),
        ("30 22 * * 1-5", "mtwtf.."),
        ("15 2 * * 0", ".....s."),
        ("15 2 * * 7", ".....s."),
        ("@weekly", ".....s."),
        ("15 2 * * 1,5-0", "......s"),
        ("15 2 24 * *", "m......"),
        ("15 2 24,26 * sat", "m.w.f.."),
        # A field that begins with a star restricts together with the other: of the 26th and the
        # 27th, the second is among every other day.
        ("15 2 */2 * 4,5", "...t..."),
        ("15 2 * 12 *", "......."),
        ("@monthly", "......."),
    ],
)
def test_others_leave_days_out(text: str, found: str) -> None:
    assert due(text) == found


@pytest.mark.parametrize("today", range(7))
def test_working_days_are_five_of_any_seven(today: int) -> None:
    found = times("15 2 * * 1-5")
    assert found is not None
    evenings = [evening + timedelta(days=today) for evening in WEEK]
    assert sum(found.first(evening) is None for evening in evenings) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@reboot",
        "15 2 * *",
        "15 2 * * * *",
        "60 2 * * *",
        "15 24 * * *",
        "15 2 0 * *",
        "15 2 * * 8",
        "15 2 * * funday",
        "5/2 2 * * *",
        "*/0 2 * * *",
        "15 2 * * 6-sun",
        "15 2, * * *",
    ],
)
def test_nonsense_and_what_has_no_hour_is_never_due(text: str) -> None:
    assert times(text) is None


@given(st.text(alphabet="0123456789*/-, @monsuf", max_size=30))
def test_whatever_stands_in_a_table_is_read(text: str) -> None:
    found = times(text)
    assert found is None or found.minutes


@given(st.integers(0, 59), st.integers(0, 23), st.integers(0, 60 * 24 * 30))
def test_the_first_start_is_the_next_one_by_the_clock(minute: int, hour: int, later: int) -> None:
    found, since = times(f"{minute} {hour} * * *"), EVENING + timedelta(minutes=later)
    assert found is not None
    start = found.first(since)
    assert start is not None
    assert (start.hour, start.minute) == (hour, minute)
    assert timedelta() <= start - since < timedelta(days=1)
