"""What the gradings of a trial must say, given what was played."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from runner.attempt import Attempt
from runner.check import Check
from runner.findings import Problem, Proof
from runner.verdict import Grade, Outcome, Verdict


def misnamed(attempts: Iterable[Attempt], checks: Sequence[Check]) -> Iterator[Problem]:
    """Attempts that name what is not there, on paper."""
    scored = {one.name for one in checks}
    lasting = {one.name for one in checks if one.survives_restart}
    for attempt in attempts:
        for name in sorted(attempt.fails - scored):
            text = f"attempt {attempt.name} names a check that does not exist: {name}"
            yield Problem(Proof.PAPER, text)
        for name in sorted(attempt.fails_after_restart - lasting):
            text = f"attempt {attempt.name}: {name} is no check that must survive a restart"
            yield Problem(Proof.PAPER, text)
        if attempt.solution and not attempt.steps:
            yield Problem(Proof.PAPER, f"solution {attempt.name} has no steps")


def untouched(grade: Grade) -> Iterator[Problem]:
    """Before any work, guards hold and nothing else does."""
    for verdict in grade.verdicts:
        text = ""
        if verdict.outcome is Outcome.BROKEN:
            text = _why(verdict)
        elif verdict.guard and verdict.outcome is not Outcome.PASSED:
            text = f"{_is(verdict)}, but guards hold from the start: {verdict.reason}"
        elif not verdict.guard and verdict.outcome is Outcome.PASSED:
            text = f"{_is(verdict)}, before any work was done"
        if text:
            yield Problem(Proof.UNTOUCHED, text)


def solved(looks: Sequence[Grade]) -> Iterator[Problem]:
    """Every look at a right way passes in full, the last one after a restart as well."""
    first = looks[0]
    for verdict in first.verdicts:
        if verdict.outcome is not Outcome.PASSED:
            yield Problem(Proof.RESTART if verdict.after_restart else Proof.SOLUTION, _why(verdict))
    for number, later in enumerate(looks[1:], start=2):
        for was, now in zip(first.verdicts, later.verdicts, strict=True):
            if was.outcome is now.outcome:
                continue
            if now.after_restart:
                yield Problem(Proof.RESTART, _why(now))
            else:
                text = f"{was.check} was {was.outcome} and, looked at again, {now.outcome}"
                yield Problem(Proof.LOOKING, f"{text} (look {number}): {now.reason}")


def as_named(grade: Grade, attempt: Attempt) -> Iterator[Problem]:
    """A wrong way fails exactly what it names."""
    expected = attempt.fails or attempt.fails_after_restart
    for verdict in grade.verdicts:
        failed = verdict.outcome is Outcome.FAILED
        text = ""
        if verdict.outcome is Outcome.BROKEN:
            text = _why(verdict)
        elif failed and verdict.check not in expected:
            text = f"{verdict.check} FAILED, which is not named: {verdict.reason}"
        elif not failed and verdict.check in expected:
            text = f"{_is(verdict)}, but must come out FAILED"
        elif failed and not attempt.fails and not verdict.after_restart:
            text = f"{verdict.check} FAILED before the restart, not after it"
        if text:
            yield Problem(Proof.RESTART if attempt.fails_after_restart else Proof.WRONG, text)


def broken(grade: Grade) -> Iterator[Problem]:
    """Whatever is left out, every check can be looked at."""
    for verdict in grade.verdicts:
        if verdict.outcome is Outcome.BROKEN:
            yield Problem(Proof.STEP, _why(verdict))


def _is(verdict: Verdict) -> str:
    return f"{verdict.check} is {verdict.outcome}"


def _why(verdict: Verdict) -> str:
    return f"{_is(verdict)}: {verdict.reason} {verdict.where}".rstrip()
