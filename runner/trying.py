"""One world of a validation: it is started, played into, judged and removed.

A trial has it to itself, or several mistakes share it that do not get into each other's way. The
thorough one is also searched, fingerprinted, cut off and broken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import Any, TypeVar

from runner import (
    answers,
    faults,
    fingerprint,
    isolation,
    judging,
    life,
    practical,
    together,
    usage,
)
from runner.attempt import Attempt, Step, in_order, named
from runner.catalogue import Lab
from runner.check import Check
from runner.engine import Engine, translating
from runner.errors import LabError, StageError
from runner.findings import Found, Problem, Proof, Trial, World
from runner.grading import grade
from runner.lines import Lines
from runner.practical import Practical, StepFailed
from runner.session import find_all
from runner.together import Mistake
from runner.verdict import Grade

_LOOKS = 2
"""How often a thorough world is graded before the look that also restarts it."""
T = TypeVar("T")


@dataclass(frozen=True)
class Opened:
    """A trial's world as it was started, and what was found in it so far.

    `work` is None where it did not come up.
    """

    found: Found
    work: Practical | None
    lines: Lines


def run(engine: Engine, lab: Lab, trial: Trial, *, keep: bool = False) -> Found:
    """Build the trial's world, judge it, remove it; with `keep` a world with problems stays up."""
    return proceed(engine, lab, opened(engine, lab, trial), keep=keep)


def opened(engine: Engine, lab: Lab, trial: Trial) -> Opened:
    """The world of a trial, as the start left it; judged if the trial says so, and both timed."""
    found, lines = Found(trial), Lines(engine)

    def start() -> Practical:
        return life.start(
            engine, lab, trial.apprentice, seed=trial.seed, say=_silent, lines=lines
        ).practical

    try:
        work, found = _timed(found, "start", start)
        if trial.thorough:
            # What a reset does, in its two halves.
            left, found = _timed(found, "stop", partial(_stopped, engine, work))
            lines.drop()
            work, again = _timed(Found(trial), "start", start)
            found = replace(found.with_problems(left), reset=found.stop + again.start)
    except LabError as error:
        lines.drop()
        return Opened(found.with_problems([_broken(error)]), None, lines)
    if not trial.untouched:
        return Opened(Found(trial), work, lines)  # nobody asks how long this one took
    try:
        # Over lines of its own, as `lab grade` does it: that is what is timed.
        untouched, found = _timed(found, "grade", lambda: practical.judge(engine, work))
    except LabError as error:
        return Opened(found.with_problems([_broken(error)]), work, lines)
    return Opened(found.with_problems(judging.untouched(untouched)), work, lines)


def proceed(engine: Engine, lab: Lab, begun: Opened, *, keep: bool = False) -> Found:
    """Play the attempt into the opened world, judge it, remove it."""
    found, work = begun.found, begun.work
    if work is None:
        return found
    began = monotonic()
    attempt = named(lab.attempts, found.trial.attempt)
    try:
        with begun.lines as lines:
            found = _judged(engine, work, attempt, found, lines)
    except LabError as error:
        found = found.with_problems([_broken(error)])
    finally:
        if not (keep and found.problems):
            found = found.with_problems(_stopped(engine, work))
    return replace(found, seconds=found.start + found.reset + found.grade + monotonic() - began)


def shared(engine: Engine, lab: Lab, world: World) -> tuple[Found, ...]:
    """What each trial brought in one world; nothing where they get into each other's way there."""
    known = [one for trial in world if (one := together.mistake(lab, trial.key)) is not None]
    mistakes = together.beside(lab, known)
    if len(mistakes) != len(world):
        return ()
    began = monotonic()
    begun = opened(engine, lab, world[0])
    if begun.work is None:
        return ()
    grade: Grade | None = None
    try:
        with begun.lines as lines:
            if _played(engine, begun.work, mistakes, lines):
                lasting = any(one.lasting for one in mistakes)
                grade = _grade(engine, begun.work, lines, lab.checks, anyway=lasting)
    except LabError:
        grade = None  # in a world of its own it is said what was wrong
    finally:
        left = _stopped(engine, begun.work)
    if grade is None or left or not together.told_apart(lab, mistakes, grade):
        return ()
    outcomes = {verdict.check: verdict.outcome for verdict in grade.verdicts}
    seconds = (monotonic() - began) / len(world)
    return tuple(
        Found(
            trial,
            outcomes=together.own(lab, one, mistakes, outcomes),
            stopped_at=one.stops,
            restarted=one.lasting,
            beside=tuple(other.played for other in world if other is not trial),
            seconds=seconds,
        )
        for trial, one in zip(world, mistakes, strict=True)
    )


def _played(engine: Engine, work: Practical, mistakes: Sequence[Mistake], lines: Lines) -> bool:
    """Play the solution with all the mistakes in it; whether each step that one stops stood still.

    It must not run through where the step that it needs was left out, and must once that is made:
    so it was this that it lacked, and the world is the solution's again.
    """
    attempt = together.joined(mistakes)
    late = {one.stops: in_order(one.gone) for one in mistakes if one.stops}

    def play(*steps: Step) -> None:
        practical.play(engine, work, replace(attempt, steps=steps), _silent, lines=lines)

    for step in attempt.steps:
        if step.name in late:
            with suppress(StepFailed):
                play(step)
                return False
            play(*late.pop(step.name))
        play(step)
    return not late


def closed(engine: Engine, one: Opened) -> None:
    """Remove the world of a trial that is not gone on with."""
    one.lines.drop()
    if one.work is not None:
        life.stop(engine, one.work.session, _silent)


def _judged(engine: Engine, work: Practical, attempt: Attempt, found: Found, lines: Lines) -> Found:
    trial = found.trial
    if trial.thorough:
        found = found.with_problems(answers.search(engine, work, lines))
        found = found.with_problems(isolation.breaches(engine, work, lines))
    try:
        practical.play(engine, work, attempt, _silent, without=trial.without, lines=lines)
    except StepFailed as error:
        if trial.without is None:
            raise
        return replace(found, stopped_at=error.step)
    if trial.without is not None or not attempt.solution:
        only = _grade(engine, work, lines, work.lab.checks)
        found = replace(
            found,
            outcomes={v.check: v.outcome for v in only.verdicts},
            restarted=any(v.after_restart for v in only.verdicts),
        )
        left_out = trial.without is not None
        return found.with_problems(
            judging.broken(only) if left_out else judging.as_named(only, attempt)
        )
    # Without a restart, since what that changes is no fault of the grader's looking.
    calm = tuple(replace(one, survives_restart=False) for one in work.lab.checks)
    before = fingerprint.take(work, lines) if trial.thorough else None
    often = _LOOKS if trial.thorough else int(not trial.brief)
    looks = [_grade(engine, work, lines, calm) for _ in range(often)]
    if before is not None:
        after = fingerprint.settled(work, lines, before, work.lab.checks)
        found = found.with_problems(fingerprint.changes(before, after, work.lab.checks))
    looks.append(_grade(engine, work, lines, work.lab.checks))
    found = replace(
        found,
        outcomes={v.check: v.outcome for v in looks[-1].verdicts},
        memory=usage.memory(engine, work.session) if trial.untouched else 0,
    )
    found = found.with_problems(judging.solved(looks))
    if trial.thorough and not found.problems:
        found = found.with_problems(faults.mistaken(engine, work, looks[0]))
    return found


def _grade(
    engine: Engine,
    work: Practical,
    lines: Lines,
    checks: tuple[Check, ...],
    *,
    anyway: bool = False,
) -> Grade:
    return grade(work.lab.code, checks, practical.stage(engine, work, lines), anyway=anyway)


def _stopped(engine: Engine, work: Practical) -> list[Problem]:
    """Stop the world; what is left of it."""
    volumes = _volumes(engine, work)
    life.stop(engine, work.session, _silent)
    problems = []
    if any(one.tag.session == work.session.tag.session for one in find_all(engine)):
        problems.append(Problem(Proof.LEFT, "stopped, but containers or networks are left"))
    with translating("list its volumes"):
        there = {volume["Name"] for volume in engine.api.volumes().get("Volumes") or ()}
    problems += [
        Problem(Proof.LEFT, f"stopped, but volume {name} is left")
        for name in sorted(volumes & there)
    ]
    return problems


def _volumes(engine: Engine, work: Practical) -> set[str]:
    found: set[str] = set()
    for container in work.session.containers:
        try:
            with translating("look at its mounts"):
                seen: dict[str, Any] = engine.api.inspect_container(container.id)
        except StageError:
            continue
        found |= {mount["Name"] for mount in seen["Mounts"] if mount.get("Type") == "volume"}
    return found


def _broken(error: LabError) -> Problem:
    if isinstance(error, StepFailed):
        return Problem(Proof.SOLUTION, str(error))
    return Problem(Proof.WORLD, f"{type(error).__name__}: {error}")


def _timed(found: Found, what: str, work: Callable[[], T]) -> tuple[T, Found]:
    began = monotonic()
    made = work()
    took: dict[str, Any] = {what: monotonic() - began}
    return made, replace(found, **took)


def _silent(_: object) -> None:
    """Nobody listens."""
