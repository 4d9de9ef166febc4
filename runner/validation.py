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
from dataclasses import replace
from functools import partial
from itertools import chain, repeat

from runner import addresses, budgets, crowd, falsified, judging, together, trying
from runner.catalogue import Lab
from runner.engine import Engine
from runner.findings import Found, Played, Problem, Proof, Trial, World
from runner.trying import Opened
from runner.values import new_seed

SEEDS = (1, 2)
"""Played in every validation, beside a new one."""
JOBS = 8
"""Worlds side by side at most; more than there are cores only while these have time left."""
SCORED, GUARDS, WRONG, HINTS = 8, 2, 4, 3
"""How many scored checks, guards, wrong attempts and hints a lab has at least."""


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
        *falsified.left_out(lab, each=alone),
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

    The thorough world is opened before all others: what it takes is held against the lab. So is
    what other untouched worlds take, but they are timed beside others at first.
    """
    waiting = list(planned)
    begun: dict[Trial, Opened] = {}
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for trial in chain.from_iterable(waiting):
                if trial.thorough:
                    begun[trial] = trying.opened(engine, lab, trial)

            def alone(trial: Trial) -> Found:
                one = begun.pop(trial, None) or trying.opened(engine, lab, trial)
                return trying.proceed(engine, lab, one, keep=keep)

            def finish(world: World) -> tuple[Found, ...]:
                every = trying.shared(engine, lab, world) if len(world) > 1 else ()
                found = []
                for one in every or map(alone, world):
                    if not _slow(lab, one):
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
            found = chain.from_iterable(brought[world].result() for world in waiting)
            return _timed_again(engine, lab, tuple(found), pool, told)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            for left in begun.values():
                trying.closed(engine, left)


def _timed_again(
    engine: Engine,
    lab: Lab,
    found: tuple[Found, ...],
    pool: Executor,
    told: Callable[[Found], None],
) -> tuple[Found, ...]:
    """The findings; what took too long beside others is timed once more, by twos and then alone.

    Not where nothing was beside the thorough world and it took too long: then it is the lab that
    does. Only then is told what was found of them.
    """

    def again(one: Found) -> Found:
        begun = trying.opened(engine, lab, one.trial)
        trying.closed(engine, begun)
        timed = begun.found
        return replace(one, start=timed.start, grade=timed.grade).with_problems(timed.problems)

    late = {one.trial: one for one in found if _slow(lab, one)}
    if not any(one.trial.thorough and _over_budget(lab, one) for one in found):
        for beside in (2, 1):
            slow = [one for one in late.values() if _slow(lab, one)]
            for at in range(0, len(slow), beside):
                few = slow[at : at + beside]
                late |= zip((one.trial for one in few), pool.map(again, few), strict=True)
    for one in late.values():
        told(one)
    return tuple(late.get(one.trial, one) for one in found)


def _slow(lab: Lab, one: Found) -> bool:
    """Whether an untouched world took too long that others ran beside."""
    beside = one.trial.untouched and not one.trial.thorough
    return beside and not one.problems and _over_budget(lab, one)


def _over_budget(lab: Lab, one: Found) -> bool:
    return bool(budgets.problems([replace(one, memory=0)], budgets.waits(lab.checks)))
