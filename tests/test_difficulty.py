"""How hard labs and checks are: counted from first attempts, and never by name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.difficulty import figures, figures_data, figures_text
from runner.record import Attempt
from runner.verdict import Outcome
from runner.voice import Style
from tests.documented import fields_of, paths_in
from tests.taken import HOSTILE, attempt

P, F, B = Outcome.PASSED, Outcome.FAILED, Outcome.BLOCKED

ATTEMPTS = [
    attempt(1, "1a", P, F, B, minutes=20),
    attempt(2, "1a", P, P, P, minutes=50, demonstrated=True),
    attempt(3, "1a", P, F, P, minutes=70),  # after the fact: another try counts for nothing
    attempt(4, "1a", F, F, P, apprentice="bo", session="first", minutes=30),
    attempt(5, "1a", P, P, F, apprentice="bo", session="first", minutes=40),
    attempt(6, "1a", P, P, P, apprentice="bo", session="second", minutes=60, demonstrated=True),
    attempt(7, "1a", F, F, F, apprentice="cy", session="third"),
]


def test_first_attempts_tell_how_hard_a_check_is() -> None:
    (lab,) = figures(ATTEMPTS)
    assert [(one.people, one.failed_first, one.blocked_first) for one in lab.checks] == [
        (3, 2, 0), (3, 3, 0), (3, 1, 1),
    ]  # fmt: skip


def test_a_way_ends_where_it_was_demonstrated() -> None:
    (lab,) = figures(ATTEMPTS)
    assert (lab.people, lab.attempts, lab.demonstrated) == (3, 7, 2)
    assert lab.median_attempts == 2.5  # two attempts and three
    assert lab.median_seconds == (50 + 40 + 60) / 2 * 60  # ada's world, and both of bo's


def test_what_passed_and_fails_in_the_same_world_has_flipped() -> None:
    (lab,) = figures(ATTEMPTS)
    assert [(one.worlds, one.flipped) for one in lab.checks] == [(2, 0), (2, 1), (2, 1)]


@pytest.mark.parametrize(
    ("outcomes", "flipped"),
    [((F, P), 0), ((P, F), 1), ((P, B), 0), ((P, B, F), 1), ((F, P, F, P, F), 1), ((P, P), 0)],
)
def test_only_a_pass_that_is_lost_is_a_flip(outcomes: tuple[Outcome, ...], flipped: int) -> None:
    (lab,) = figures(attempt(n, "1a", one) for n, one in enumerate(outcomes, 1))
    assert (lab.checks[0].worlds, lab.checks[0].flipped) == (1, flipped)


SECOND = attempt(2, "1a", F)


@pytest.mark.parametrize(
    "second",
    [
        replace(SECOND, session="other"),
        replace(SECOND, lab_revision="other"),
        replace(SECOND, grader_revision="other"),
    ],
)
def test_another_world_or_revision_is_no_flip(second: Attempt) -> None:
    (lab,) = figures([attempt(1, "1a", P), second])
    assert (lab.checks[0].worlds, lab.checks[0].flipped) == (0, 0)


def test_checks_stand_as_the_latest_grader_has_them_and_dropped_ones_after() -> None:
    old, new = attempt(1, "1a", P, F), attempt(2, "1a", F)
    reworded = replace(new.verdicts[0], standard="Better said.")
    (lab,) = figures([old, replace(new, verdicts=(reworded,))])
    assert [(one.check, one.standard) for one in lab.checks] == [
        ("c0", "Better said."), ("c1", "Standard 1 holds."),
    ]  # fmt: skip


def test_labs_come_in_order_of_their_codes() -> None:
    found = figures(attempt(n, code) for n, code in enumerate(("10a", "2b", "9" * 5000, "2a"), 1))
    assert [one.code[:3] for one in found] == ["999", "2a", "2b", "10a"]


def test_the_text_has_the_hardest_first() -> None:
    assert figures_text(figures(ATTEMPTS), Style()) == (
        "1a  Title of 1a\n"
        "    3 people, 7 attempts; 2 demonstrated it, half of them within 2.5 attempts and"
        " 1 h 15 min.\n"
        "\n"
        "Failed first  Blocked first  Flipped  Performance standard\n"
        "      3 of 3         0 of 3   1 of 2  Standard 1 holds.\n"
        "      2 of 3         0 of 3   0 of 2  Standard 0 holds.\n"
        "      1 of 3         1 of 3   1 of 2  Standard 2 holds."
    )


def test_what_nobody_demonstrated_has_no_median() -> None:
    (lab,) = figures([attempt(1, "1a", F)])
    assert (lab.median_attempts, lab.median_seconds) == (None, None)
    said = figures_text([lab], Style())
    assert "1 person, 1 attempt; 0 demonstrated it.\n" in said
    assert "      1 of 1         0 of 1        -  Standard 0 holds." in said


def test_nobody_is_named_and_nothing_steers_the_terminal() -> None:
    evil = replace(attempt(1, HOSTILE, F, apprentice="grace"), title=HOSTILE)
    evil = replace(evil, verdicts=(replace(evil.verdicts[0], standard=HOSTILE, check=HOSTILE),))
    said = figures_text(figures([evil]), Style())
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\x00"} & set(said)
    assert "grace" not in said
    assert "grace" not in str(figures_data(figures([evil]), {}))


def test_every_field_is_documented() -> None:
    data = figures_data(figures(ATTEMPTS), {"1a": 60})
    assert fields_of(data) == paths_in("statistics")
    assert data["labs"][0]["minutes"] == 60


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from([P, F, B])),
        max_size=12,
    )
)
def test_shares_never_exceed_the_whole(tries: list[tuple[str, str, Outcome]]) -> None:
    attempts = [
        attempt(n, "1a", one, apprentice=who, session=f"{who}{world}", demonstrated=one is P)
        for n, (who, world, one) in enumerate(tries, 1)
    ]
    for lab in figures(attempts):
        assert lab.demonstrated <= lab.people <= lab.attempts
        for check in lab.checks:
            assert check.failed_first + check.blocked_first <= check.people <= lab.people
            assert check.flipped <= check.worlds
