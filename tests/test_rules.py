"""The rules of an assessment: whose word holds, how long it lasts, what passes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner import rules
from runner.errors import AuthoringError
from runner.forms import AssessmentForm
from runner.rules import PersonForm, RosterForm, Rules, rules_of
from runner.verdict import Grade, Outcome, Verdict


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    return tmp_path


def grade(*outcomes: Outcome, guard: Outcome | None = None) -> Grade:
    """A grading of checks that are worth two points each."""
    scored = [Verdict(f"c{n}", "s", one, points=2) for n, one in enumerate(outcomes)]
    guards = [Verdict("g", "s", guard, guard=True)] if guard else []
    return Grade("4c", (*scored, *guards))


YES, NO, BLOCKED, BROKEN = Outcome.PASSED, Outcome.FAILED, Outcome.BLOCKED, Outcome.BROKEN


def test_without_a_roster_everything_is_as_it_is_without_a_word() -> None:
    assert rules.roster() == RosterForm()
    assert rules.roster().practice_counts
    assert rules_of(AssessmentForm(), "4c", "ada", rules.roster()) == Rules()


def test_the_class_comes_before_the_lab_and_its_word_on_a_lab_before_that_on_all() -> None:
    lab = AssessmentForm(attempts=5, wait=10, pass_mark=80)
    of = RosterForm(
        assessment=AssessmentForm(attempts=2, wait=60),
        labs={"4c": AssessmentForm(attempts=1)},
        people={"ada": PersonForm(time=1.5)},
    )
    assert rules_of(lab, "4c", "ada", of) == Rules(1, 60, 80, "standards", 1.5)
    assert rules_of(lab, "1e", "bob", of) == Rules(2, 60, 80, "standards", 1.0)
    assert rules_of(lab, "1e", "bob", RosterForm()) == Rules(5, 10, 80)


def test_a_roster_is_read_from_the_data_folder(data: Path) -> None:
    text = "practice_counts: false\npeople:\n  ada: {time: 2}\nlabs:\n  4c: {feedback: nothing}\n"
    (data / "roster.yaml").write_text(text, encoding="utf-8")
    found = rules.roster()
    assert not found.practice_counts
    assert rules_of(AssessmentForm(), "4c", "ada", found) == Rules(feedback="nothing", time=2.0)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("people:\n  ada: {time: 0.5}\n", "time"),
        ("people:\n  Ada L: {time: 2}\n", "Ada L"),
        ("labs:\n  4c: {attempts: 0}\n", "attempts"),
        ("asessment: {}\n", "asessment"),
        ("assessment: {feedback: all}\n", "feedback"),
        ("- 4c\n", "roster.yaml"),
    ],
)
def test_a_wrong_roster_is_refused_with_its_line(data: Path, text: str, named: str) -> None:
    (data / "roster.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(AuthoringError, match=named):
        rules.roster()


@pytest.mark.parametrize(
    ("minutes", "time", "given_"),
    [(30, 1.0, 30), (30, 1.5, 45), (25, 1.25, 32), (30, 1.1, 33), (20, 1.001, 21)],
)
def test_a_begun_minute_is_given(minutes: int, time: float, given_: int) -> None:
    assert Rules(time=time).limit(minutes) == timedelta(minutes=given_)


@pytest.mark.parametrize(
    ("mark", "found", "passes"),
    [
        (100, grade(YES, YES), True),
        (100, grade(YES, NO), False),
        (50, grade(YES, NO), True),
        (51, grade(YES, NO), False),
        (50, grade(YES, BLOCKED, guard=YES), True),
        (50, grade(YES, YES, guard=NO), False),
        (1, grade(NO, NO), False),
        (1, grade(YES, BROKEN), False),
        (1, grade(guard=YES), False),
        (100, grade(), False),
    ],
)
def test_what_passes(mark: int, found: Grade, *, passes: bool) -> None:
    assert Rules(pass_mark=mark).passed(found) is passes


@given(st.lists(st.sampled_from(list(Outcome)), max_size=6), st.integers(1, 100))
def test_a_lower_mark_never_fails_what_a_higher_one_passes(
    outcomes: list[Outcome], mark: int
) -> None:
    found = grade(*outcomes)
    if Rules(pass_mark=mark).passed(found):
        assert all(Rules(pass_mark=lower).passed(found) for lower in range(1, mark + 1))


def test_the_terms_hold_no_fractions() -> None:
    agreed = Rules(1, 60, 80, "nothing", 1.25)
    assert rules.of_terms(rules.terms(agreed)) == agreed
    assert rules.of_terms({}) == Rules()
    found = rules.terms(Rules(time=1.25))
    assert found["time_percent"] == 125
    assert not any(isinstance(one, float) for one in found.values())


@pytest.mark.parametrize(
    ("when", "kept"),
    [("not_yet", (True, False)), ("always", (True, True)), ("never", (False,) * 2)],
)
def test_a_world_is_kept_where_it_may_be_disputed(
    when: Literal["not_yet", "always", "never"], kept: tuple[bool, bool]
) -> None:
    agreed = Rules(keep_world=when)
    assert tuple(agreed.keeps(demonstrated=done) for done in (False, True)) == kept
