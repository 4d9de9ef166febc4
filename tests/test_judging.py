"""What the gradings of a trial must say."""

from __future__ import annotations

from dataclasses import replace

from runner import judging
from runner.attempt import Attempt
from runner.findings import Proof
from runner.verdict import Grade, Outcome, Verdict

GUARD = Verdict("kept", "It is kept.", Outcome.PASSED, guard=True)
PASSED = Verdict("done", "It is done.", Outcome.PASSED, points=1)
FAILED = replace(PASSED, outcome=Outcome.FAILED, reason="nothing is there")
BROKEN = replace(PASSED, outcome=Outcome.BROKEN, reason="IndexError: 0", where="grader.py:7")
BLOCKED = replace(PASSED, outcome=Outcome.BLOCKED, reason="waits for: It is kept.")


def grade(*verdicts: Verdict) -> Grade:
    return Grade("9a", verdicts)


def attempt(*, fails: str = "", later: str = "", solution: bool = False) -> Attempt:
    return Attempt(
        name="tried",
        title="Tried",
        solution=solution,
        steps=(),
        fails=frozenset(fails.split()),
        fails_after_restart=frozenset(later.split()),
    )


def test_untouched_guards_hold_and_nothing_else() -> None:
    assert not [*judging.untouched(grade(GUARD, FAILED, BLOCKED))]
    lost = replace(GUARD, outcome=Outcome.FAILED, reason="it is gone")
    assert [str(one) for one in judging.untouched(grade(lost, PASSED, BROKEN))] == [
        "untouched fails: kept is FAILED, but guards hold from the start: it is gone",
        "untouched fails: done is PASSED, before any work was done",
        "untouched fails: done is BROKEN: IndexError: 0 grader.py:7",
    ]


def test_a_right_way_passes_however_often_one_looks() -> None:
    good = grade(GUARD, PASSED)
    assert not [*judging.solved([good, good, good])]
    assert [one.proof for one in judging.solved([grade(GUARD, FAILED), good])] == [
        Proof.SOLUTION,
        Proof.LOOKING,
    ]
    [lost] = judging.solved([good, grade(GUARD, replace(FAILED, after_restart=True))])
    assert str(lost) == "survives a restart: done is FAILED: nothing is there"
    [once] = judging.solved([grade(GUARD, replace(FAILED, after_restart=True))])
    assert str(once) == str(lost)
    [other] = judging.solved([good, good, grade(GUARD, FAILED)])
    assert other.text == "done was PASSED and, looked at again, FAILED (look 3): nothing is there"


def test_a_wrong_way_fails_what_it_names_and_nothing_else() -> None:
    wrong = attempt(fails="done")
    assert not [*judging.as_named(grade(GUARD, FAILED), wrong)]
    [passed] = judging.as_named(grade(GUARD, PASSED), wrong)
    assert str(passed) == "every wrong way fails: done is PASSED, but must come out FAILED"
    [more] = judging.as_named(grade(replace(FAILED, check="other"), FAILED), wrong)
    assert more.text == "other FAILED, which is not named: nothing is there"


def test_what_is_gone_after_a_restart_held_before() -> None:
    wrong = attempt(later="done")
    assert not [*judging.as_named(grade(GUARD, replace(FAILED, after_restart=True)), wrong)]
    [soon] = judging.as_named(grade(GUARD, FAILED), wrong)
    assert str(soon) == "survives a restart: done FAILED before the restart, not after it"


def test_without_a_step_every_check_can_still_be_looked_at() -> None:
    assert not [*judging.broken(grade(FAILED, BLOCKED))]
    assert [one.proof for one in judging.broken(grade(BROKEN))] == [Proof.STEP]


def test_a_solution_without_steps_is_none() -> None:
    assert [one.text for one in judging.misnamed([attempt(solution=True)], ())] == [
        "solution tried has no steps"
    ]
