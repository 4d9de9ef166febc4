"""Verdicts add up to a grade, and nothing that is broken counts for or against a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import Exit
from runner.verdict import Failure, Grade, Outcome, Verdict

_OUTCOMES = st.lists(st.sampled_from(Outcome), min_size=1, max_size=12)
P, F, BL, BR = Outcome.PASSED, Outcome.FAILED, Outcome.BLOCKED, Outcome.BROKEN


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([P, P], Exit.DEMONSTRATED),
        ([P, F], Exit.NOT_YET),
        ([F, BL], Exit.NOT_YET),
        ([P, BL], Exit.NOT_YET),
        ([P, BR], Exit.NOT_GRADED),
        ([F, BR], Exit.NOT_GRADED),
        ([BL, BR], Exit.NOT_GRADED),
    ],
)
def test_the_exit_code_says_what_the_grade_says(outcomes: list[Outcome], code: Exit) -> None:
    assert graded(outcomes).exit is code


@given(outcomes=_OUTCOMES)
def test_demonstrated_is_every_check_passed(outcomes: list[Outcome]) -> None:
    assert graded(outcomes).demonstrated == (set(outcomes) == {P})


@given(outcomes=_OUTCOMES)
def test_only_a_grade_with_nothing_broken_is_an_attempt(outcomes: list[Outcome]) -> None:
    grade = graded(outcomes)
    assert grade.gradable == (BR not in outcomes)
    assert (grade.exit is Exit.NOT_GRADED) == (BR in outcomes)


@given(outcomes=_OUTCOMES)
def test_points_are_those_of_the_checks_that_passed(outcomes: list[Outcome]) -> None:
    grade = graded(outcomes)
    assert grade.points == 2 * outcomes.count(P)
    assert grade.possible == 2 * len(outcomes)


def test_a_guard_that_fails_costs_the_demonstration_and_no_points() -> None:
    guard = Verdict("nothing_else_open", "Nothing else is open.", F, guard=True)
    grade = Grade("4c", (Verdict("works", "It works.", P, points=3), guard))
    assert (grade.points, grade.possible) == (3, 3)
    assert grade.exit is Exit.NOT_YET


def test_a_grade_of_nothing_demonstrates_nothing() -> None:
    grade = Grade("4c", ())
    assert not grade.demonstrated
    assert (grade.points, grade.possible) == (0, 0)


def test_checks_are_named_in_the_order_of_the_grader() -> None:
    grade = graded([F, P, F, BL])
    assert grade.named(F) == ("check_0", "check_2")
    assert grade.named(BR) == ()


def test_there_are_four_outcomes_and_they_are_their_names() -> None:
    assert [str(one) for one in Outcome] == ["PASSED", "FAILED", "BLOCKED", "BROKEN"]


def test_a_failure_says_what_was_observed_and_where_to_look() -> None:
    failure = Failure("port 22 is closed", hint="is sshd running?")
    assert (str(failure), failure.reason) == ("port 22 is closed", "port 22 is closed")
    assert failure.hint == "is sshd running?"
    assert Failure("closed").hint == ""


def graded(outcomes: list[Outcome]) -> Grade:
    verdicts = (
        Verdict(f"check_{number}", "A standard.", outcome, points=2)
        for number, outcome in enumerate(outcomes)
    )
    return Grade("4c", tuple(verdicts))
