"""The clock of an assessment, and when another may begin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner import assessment
from runner.assessment import Bell, NotNow, Sitting, sittings
from runner.entry import START, Entry, Kind
from runner.rules import Rules
from tests.attempts import NOON

AT = timedelta(minutes=1)
BEGUN = assessment.begun_id("ab12", "ada", "4c", NOON)


def entry(
    number: int, kind: Kind, minute: float = 0, id: UUID | None = None, **body: object
) -> Entry:
    return Entry(
        sequence=number,
        id=id or UUID(int=number),
        kind=str(kind),
        made_at=NOON + minute * AT,
        apprentice="ada",
        code="4c",
        attempt_id=None,
        body=body,
        previous=START,
        key_id="",
    )


def begun(number: int = 2, minute: float = 0, **body: object) -> Entry:
    said = {"session": "ab12", "seed": str(number), "minutes": 30} | body
    return entry(number, Kind.BEGUN, minute, UUID(int=number), **said)


def about(number: int, kind: Kind, minute: float, other: int = 2) -> Entry:
    return entry(number, kind, minute, entry=str(UUID(int=other)))


def handed_in(number: int, minute: float, other: int = 2) -> Entry:
    return entry(number, Kind.SUBMITTED, minute, assessment.submitted_id(UUID(int=other)))


def one(*entries: Entry) -> Sitting:
    (found,) = sittings(entries)
    return found


def test_the_clock_runs_from_when_it_began() -> None:
    found = one(begun())
    assert found.left(NOON + 10 * AT) == 20 * AT
    assert not found.over(NOON + 29 * AT)
    assert found.over(NOON + 30 * AT)
    assert found.left(NOON + 99 * AT) == timedelta(0)


def test_the_clock_stands_while_it_is_paused() -> None:
    found = one(begun(), about(3, Kind.PAUSED, 10), about(4, Kind.PAUSED, 12))
    assert found.left(NOON + 500 * AT) == 20 * AT
    assert not found.counts
    found = one(begun(), about(3, Kind.PAUSED, 10), about(4, Kind.RESUMED, 25))
    assert found.counts
    assert found.due == NOON + 45 * AT
    assert found.left(NOON + 26 * AT) == 19 * AT


def test_a_clock_set_back_in_a_pause_takes_nothing_away() -> None:
    found = one(begun(), about(3, Kind.PAUSED, 10), about(4, Kind.RESUMED, 5))
    assert found.due == NOON + 30 * AT


def test_a_pause_of_another_world_is_none_of_this_one() -> None:
    found = one(begun(), about(3, Kind.PAUSED, 10, other=7), about(4, Kind.RESUMED, 11))
    assert found.due == NOON + 30 * AT
    assert found.paused is None


@pytest.mark.parametrize(
    ("entries", "counts"),
    [
        ([begun()], True),
        ([begun(), handed_in(3, 9)], True),
        ([begun(), about(3, Kind.PAUSED, 9)], False),
        ([begun(), about(3, Kind.PAUSED, 9), handed_in(4, 9)], True),
        ([begun(), about(3, Kind.REVOKED, 9)], False),
        ([begun(), handed_in(3, 9), entry(4, Kind.REVOKED, 10, entry=str(assessment.submitted_id(
            UUID(int=2))))], False),
        ([begun(), about(3, Kind.REVOKED, 9), about(4, Kind.REVOKED, 9, other=3)], True),
    ],
)  # fmt: skip
def test_what_uses_up_an_attempt(entries: list[Entry], *, counts: bool) -> None:
    assert one(*entries).counts is counts


def test_the_terms_are_those_of_the_beginning() -> None:
    agreed = Rules(1, 60, 80, "nothing", 1.5)
    draft = assessment.begins(BEGUN, "ada", "4c", session="ab", seed=7, rules=agreed, minutes=25)
    found = one(begun(**draft.body))
    assert found.rules == agreed
    assert found.minutes == 38


def test_another_may_begin_until_attempts_are_used_up() -> None:
    past = sittings([begun(2), handed_in(3, 9), begun(4, 20), about(5, Kind.PAUSED, 21, other=4)])
    assessment.refuse_another(past, Rules(attempts=2), "ada", NOON + 60 * AT)
    with pytest.raises(NotNow, match="1 attempt at an assessment of 4c may be made; ada has made"):
        assessment.refuse_another(past, Rules(attempts=1), "ada", NOON + 60 * AT)
    assessment.refuse_another((), Rules(attempts=1, wait=60), "ada", NOON)


def test_another_may_begin_once_the_waiting_time_is_over() -> None:
    past = sittings([begun(2), handed_in(3, 9)])
    rules = Rules(wait=20)
    with pytest.raises(NotNow, match="lie 20 minutes; the next of ada may begin at 2026"):
        assessment.refuse_another(past, rules, "ada", NOON + 28 * AT)
    assessment.refuse_another(past, rules, "ada", NOON + 29 * AT)
    left_alone = sittings([begun(2)])
    with pytest.raises(NotNow):
        assessment.refuse_another(left_alone, rules, "ada", NOON + 49 * AT)
    assessment.refuse_another(left_alone, rules, "ada", NOON + 50 * AT)


def test_no_seed_comes_again() -> None:
    past = sittings([begun(5), begun(6)])
    drawn: Iterator[int] = iter([5, 6, 5, 9])
    assert assessment.another_seed(lambda: next(drawn), assessment.seeds(past)) == 9


def test_ids_are_those_of_one_world_of_one_person() -> None:
    assert assessment.begun_id("ab12", "ada", "4c", NOON) == BEGUN
    others = [("ab13", "ada", "4c", NOON), ("ab12", "bob", "4c", NOON), ("ab12", "ada", "1e", NOON)]
    assert len({BEGUN, *(assessment.begun_id(*other) for other in others)}) == 4
    assert assessment.submitted_id(BEGUN) != BEGUN


def test_the_clock_in_words() -> None:
    running, standing = one(begun()), one(begun(), about(3, Kind.PAUSED, 10))
    assert assessment.clock_text(running, NOON).startswith("assessment: 30 minutes left of 30")
    assert "its clock stands since" in assessment.clock_text(standing, NOON + 40 * AT)
    assert "20 minutes left" in assessment.clock_text(standing, NOON + 40 * AT)
    assert "59 seconds left" in assessment.clock_text(running, NOON + 29.001 * AT)
    assert assessment.clock_data(standing, NOON)["seconds_left"] == 1200


def heard(lefts: list[float | None]) -> list[str]:
    told = iter(lefts)
    bell = Bell(lambda: next(told))
    return [bell.ring().text for _ in lefts]


def test_a_shell_is_warned_at_ten_and_at_two_minutes_once() -> None:
    assert heard([1800, 600, 500, 120, 90, 0]) == [
        "",
        "10 minutes left in this assessment",
        "",
        "2 minutes left in this assessment",
        "",
        "the time of this assessment is over",
    ]


def test_a_shell_opened_late_says_at_once_how_much_is_left() -> None:
    assert heard([200.0]) == ["3 minutes left in this assessment"]
    assert heard([45.0]) == ["45 seconds left in this assessment"]


def test_a_clock_that_stood_meanwhile_is_not_warned_of_early() -> None:
    assert heard([700, None, 650, 600])[:3] == ["", "", ""]


@given(st.floats(0.1, 100_000))
def test_a_bell_rings_at_every_mark_and_at_the_end(start: float) -> None:
    now = [start]
    bell, seen = Bell(lambda: now[0]), []
    while not (ring := bell.ring()).over:
        assert ring.wait > 0
        seen.append((now[0], ring.text))
        now[0] = max(now[0] - ring.wait, 0.0)
    assert len(seen) <= 3
    assert all(before > after for (before, _), (after, _) in pairwise(seen))
    said = [text for _, text in seen if text]
    assert len(said) == (2 if start > 120 else 1)


def test_any_order_of_entries_gives_a_clock() -> None:
    kinds = [Kind.PAUSED, Kind.RESUMED, Kind.RESUMED, Kind.PAUSED, Kind.DISPUTED]
    found = one(begun(), *(about(n, kind, n) for n, kind in enumerate(kinds, start=3)))
    assert found.paused == NOON + 6 * AT
