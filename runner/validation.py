"""What is asked of a lab before its grader is trusted: it must be falsified on real hosts.

Reading comes first and needs no engine. Then every attempt is played into a fresh world: untouched,
guards pass and every scored check fails or is blocked; each solution passes in full, looked at
again and again; each wrong attempt fails exactly the checks that it names; each step left out flips
some check; and once stopped, nothing is left. Mistakes that do not get into each other's way share
a world; where they do, each is tried in one of its own. One world of each lab is looked at more
thoroughly: what stands in it, where it reaches, what looking leaves, and what faults come out as.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, repeat
from time import monotonic
from typing import Any, TypeVar

from runner import (
    addresses,
    answers,
    budgets,
    crowd,
    falsified,
    faults,
    fingerprint,
    isolation,
    judging,
    life,
    practical,
    together,
    usage,
)
from runner.attempt import Attempt, named
from runner.catalogue import Lab
from runner.check import Check
from runner.engine import Engine, translating
from runner.errors import LabError, StageError
from runner.findings import Found, Played, Problem, Proof, Trial, World
from runner.grading import grade
from runner.lines import Lines
from runner.practical import Practical, StepFailed
from runner.session import find_all
from runner.values import new_seed
from runner.verdict import Grade

SEEDS = (1, 2)
"""Played in every validation, beside a new one."""
JOBS = 8
"""Worlds side by side at most; more than there are cores only while these have time left."""
SCORED, GUARDS, WRONG, HINTS = 8, 2, 4, 3
"""How many scored checks, guards, wrong attempts and hints a lab has at least."""
_LOOKS = 2
"""How often a thorough world is graded before the look that also restarts it."""
T = TypeVar("T")


def seeds() -> tuple[int, ...]:
    """The seeds of one validation; the last is new each time."""
    return (*SEEDS, new_seed())


def read(lab: Lab, seeds: Sequence[int]) -> tuple[Problem, ...]:
    """What is wrong with the lab on paper. AuthoringError where it cannot even be read."""
    values = lab.values(seeds[0])
    world = lab.world(values, addresses.subnets(0, lab.networks))
    lab.brief(values, world)
    context = world.context(values)
    for step in {step.path: step for attempt in lab.attempts for step in attempt.steps}.values():
        step.script(context)
    wrong = [attempt for attempt in lab.attempts if not attempt.solution]
    counted = (
        ("scored checks", sum(not one.guard for one in lab.checks), SCORED),
        ("guards", sum(one.guard for one in lab.checks), GUARDS),
        ("solutions", len(lab.attempts) - len(wrong), 1),
        ("wrong attempts", len(wrong), WRONG),
        ("hints", len(lab.hints(values, world)), HINTS),
    )
    problems = [
        Problem(Proof.PAPER, f"{found} {what}; at least {least} were expected")
        for what, found, least in counted
        if found < least
    ]
    problems += judging.misnamed(lab.attempts, lab.checks)
    return (*problems, *falsified.on_paper(lab), *falsified.same(lab, seeds))


def worlds(lab: Lab, seeds: Sequence[int], *, alone: bool = False) -> tuple[World, ...]:
    """The worlds that prove the lab, and the trials that share each.

    The first seed plays every solution, the others share them. Wrong attempts and the steps to be
    left out are dealt out among the seeds, several in a world unless each is to be `alone`.
    """
    right: list[Played] = [(attempt.name, None) for attempt in lab.attempts if attempt.solution]
    wrong: list[Played] = [
        *((attempt.name, None) for attempt in lab.attempts if not attempt.solution),
        *falsified.left_out(lab),
    ]
    dealt = tuple((one,) for one in wrong) if alone else together.grouped(lab, wrong)
    planned = []
    for turn, seed in enumerate(seeds):
        own: list[tuple[Played, ...]] = [(one,) for one in _played_by(right, turn, len(seeds))]
        own += dealt[turn :: len(seeds)]
        planned += [
            tuple(
                Trial(
                    lab.code,
                    seed,
                    *one,
                    untouched=not place,
                    thorough=not place and not turn,
                    brief=bool(turn),
                )
                for one in shared
            )
            for place, shared in enumerate(own)
        ]
    return tuple(planned)


def _played_by(solutions: Sequence[Played], turn: int, turns: int) -> Sequence[Played]:
    """The solutions that a seed plays: the first all, each later one its share and at least one."""
    if not turn:
        return solutions
    later = turns - 1
    return solutions[turn % later :: later] or solutions[:1]


@dataclass(frozen=True)
class Opened:
    """A trial's world, started and looked at while nothing else ran, or what came in between."""

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
            found = replace(_with(found, left), reset=found.stop + again.start)
    except LabError as error:
        lines.drop()
        return Opened(_with(found, [_broken(error)]), None, lines)
    if not trial.untouched:
        return Opened(Found(trial), work, lines)  # others run beside it: its time says nothing
    try:
        # Over lines of its own, as `lab grade` does it: that is what is timed.
        untouched, found = _timed(found, "grade", lambda: practical.judge(engine, work))
    except LabError as error:
        return Opened(_with(found, [_broken(error)]), work, lines)
    return Opened(_with(found, judging.untouched(untouched)), work, lines)


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
        found = _with(found, [_broken(error)])
    finally:
        if not (keep and found.problems):
            found = _with(found, _stopped(engine, work))
    return replace(found, seconds=found.start + found.reset + found.grade + monotonic() - began)


def prove(
    engine: Engine,
    lab: Lab,
    planned: Iterable[World],
    *,
    jobs: int = JOBS,
    keep: bool = False,
    told: Callable[[Found], None] = lambda _: None,
) -> tuple[Found, ...]:
    """Run the trials of a lab, up to `jobs` worlds side by side; `told` hears each finding.

    Worlds that are judged untouched are opened before all others: what they take is held against
    the lab.
    """
    waiting = list(planned)
    begun: dict[Trial, Opened] = {}
    with ThreadPoolExecutor(jobs) as pool:
        try:
            _open_quietly(engine, lab, chain.from_iterable(waiting), begun, pool)

            def alone(trial: Trial) -> Found:
                one = begun.pop(trial, None) or opened(engine, lab, trial)
                return proceed(engine, lab, one, keep=keep)

            def finish(world: World) -> tuple[Found, ...]:
                every = _shared(engine, lab, world) if len(world) > 1 else ()
                found = []
                for one in every or map(alone, world):
                    told(one)
                    found.append(one)
                return tuple(found)

            ordered = sorted(waiting, key=partial(together.turn, lab))
            running = crowd.side_by_side(
                [partial(finish, world) for world in ordered],
                pool,
                some=min(engine.cores + 1, jobs),
                most=jobs,
                spare=crowd.spare() if engine.local else repeat(crowd.NO_ROOM),
            )
            brought = dict(zip(ordered, running, strict=True))
            return tuple(chain.from_iterable(brought[world].result() for world in waiting))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            for left in begun.values():
                _closed(engine, left)


def _open_quietly(
    engine: Engine, lab: Lab, trials: Iterable[Trial], begun: dict[Trial, Opened], pool: Executor
) -> None:
    """Open the worlds that are judged untouched: the thorough one alone, the rest by twos.

    Two take longer than one; what is over budget then is opened once more, alone. `begun` gets
    each at once, so that it can be closed whatever comes.
    """

    def begin(trial: Trial) -> None:
        begun[trial] = opened(engine, lab, trial)

    timed = [one for one in trials if one.untouched]
    rest = [one for one in timed if not one.thorough]
    pairs = [tuple(rest[at : at + 2]) for at in range(0, len(rest), 2)]
    for beside in (*((one,) for one in timed if one.thorough), *pairs):
        list(pool.map(begin, beside))
    granted = budgets.waits(lab.checks)
    for one in rest:
        before = begun[one].found
        if budgets.problems([before], granted):
            _closed(engine, begun.pop(one))
            begin(one)
            # What was seen of it is seen, whatever it says the second time.
            again = begun[one]
            begun[one] = replace(again, found=_with(again.found, before.problems))


def _closed(engine: Engine, one: Opened) -> None:
    one.lines.drop()
    if one.work is not None:
        life.stop(engine, one.work.session, _silent)


def _shared(engine: Engine, lab: Lab, world: World) -> tuple[Found, ...]:
    """What each trial brought in one world; nothing where they get into each other's way there."""
    mistakes = [one for trial in world if (one := together.mistake(lab, trial.key)) is not None]
    began = monotonic()
    begun = opened(engine, lab, world[0])
    if begun.work is None:
        return ()
    grade: Grade | None = None
    try:
        with begun.lines as lines:
            practical.play(engine, begun.work, together.joined(mistakes), _silent, lines=lines)
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
            restarted=one.lasting,
            beside=tuple(other.played for other in world if other is not trial),
            seconds=seconds,
        )
        for trial, one in zip(world, mistakes, strict=True)
    )


def _judged(engine: Engine, work: Practical, attempt: Attempt, found: Found, lines: Lines) -> Found:
    trial = found.trial
    if trial.thorough:
        found = _with(found, answers.search(engine, work, lines))
        found = _with(found, isolation.breaches(engine, work, lines))
    try:
        practical.play(engine, work, attempt, _silent, without=trial.without, lines=lines)
    except StepFailed:
        if trial.without is None:
            raise
        return found
    if trial.without is not None or not attempt.solution:
        only = _grade(engine, work, lines, work.lab.checks)
        found = replace(
            found,
            outcomes={v.check: v.outcome for v in only.verdicts},
            restarted=any(v.after_restart for v in only.verdicts),
        )
        left_out = trial.without is not None
        return _with(found, judging.broken(only) if left_out else judging.as_named(only, attempt))
    # Without a restart, since what that changes is no fault of the grader's looking.
    calm = tuple(replace(one, survives_restart=False) for one in work.lab.checks)
    before = fingerprint.take(work, lines) if trial.thorough else None
    often = _LOOKS if trial.thorough else int(not trial.brief)
    looks = [_grade(engine, work, lines, calm) for _ in range(often)]
    if before is not None:
        after = fingerprint.settled(work, lines, before, work.lab.checks)
        found = _with(found, fingerprint.changes(before, after, work.lab.checks))
    looks.append(_grade(engine, work, lines, work.lab.checks))
    found = replace(
        found,
        outcomes={v.check: v.outcome for v in looks[-1].verdicts},
        memory=usage.memory(engine, work.session) if trial.untouched else 0,
    )
    found = _with(found, judging.solved(looks))
    if trial.thorough and not found.problems:
        found = _with(found, faults.mistaken(engine, work, looks[0]))
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


def _with(found: Found, problems: Iterable[Problem]) -> Found:
    return replace(found, problems=(*found.problems, *problems))


def _timed(found: Found, what: str, work: Callable[[], T]) -> tuple[T, Found]:
    began = monotonic()
    made = work()
    took: dict[str, Any] = {what: monotonic() - began}
    return made, replace(found, **took)


def _silent(_: object) -> None:
    """Nobody listens."""
