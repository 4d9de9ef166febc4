"""Which mistakes can be made in one world, and what each of them brought there.

A learner seldom makes one mistake only, and a world takes seconds: wrong attempts and left-out
steps that stand on the same solution share a world where no check is about two of them. Each must
then fail what it names, and nothing else may fail, as in a world of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from runner.attempt import Attempt, Step, in_order
from runner.catalogue import Lab
from runner.check import Check
from runner.findings import Found, Played, World
from runner.verdict import Grade, Outcome

MOST = 8
"""Mistakes in one world at most: of more, too few are left beside which each is tried."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong attempt, or a solution without a step, as what it does otherwise than the solution.

    `named` are the checks that must not pass; a wrong attempt's must FAIL. `lasting`: they pass
    until the hosts are restarted. `apart` are those that its author keeps out of its world.
    """

    played: Played
    solution: Attempt
    named: frozenset[str]
    lasting: bool
    gone: frozenset[Step]
    added: frozenset[Step] = frozenset()
    apart: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Of the wrong attempt, or of the step that is left out."""
        attempt, without = self.played
        return without or attempt

    @property
    def touched(self) -> frozenset[str]:
        """The names of the steps that it does otherwise."""
        return frozenset(step.name for step in self.gone | self.added)


def mistake(lab: Lab, played: Played) -> Mistake | None:
    """What is done otherwise; None where that is not known, so that it needs a world of its own."""
    attempts = {one.name: one for one in lab.attempts}
    name, without = played
    attempt = attempts[name]
    if without is not None:
        lasting = without in attempt.flips_after_restart
        named = (attempt.flips_after_restart if lasting else attempt.flips).get(without)
        gone = frozenset(step for step in attempt.steps if step.name == without)
        return Mistake(played, attempt, named, lasting, gone) if named else None
    solution = next((attempts[one] for one in attempt.based_on if attempts[one].solution), None)
    if solution is None or attempt.solution:
        return None
    return Mistake(
        played,
        solution,
        attempt.fails or attempt.fails_after_restart,
        lasting=not attempt.fails,
        gone=frozenset(solution.steps) - frozenset(attempt.steps),
        added=frozenset(attempt.steps) - frozenset(solution.steps),
        apart=attempt.apart,
    )


def grouped(lab: Lab, played: Iterable[Played]) -> tuple[tuple[Played, ...], ...]:
    """The mistakes by the world that they can be made in, at most `MOST` in each.

    Those that few get along with are placed first: it takes fewer worlds.
    """
    known = {one: mistake(lab, one) for one in played}
    alone = [(one,) for one, found in known.items() if found is None]
    mistakes = [found for found in known.values() if found is not None]
    company = {
        one.played: {other.played for other in mistakes if _apart(lab, one, other)}
        for one in mistakes
    }
    groups: list[list[Played]] = []
    for one in sorted(company, key=lambda one: len(company[one])):
        for group in groups:
            if len(group) < MOST and company[one].issuperset(group):
                group.append(one)
                break
        else:
            groups.append([one])
    return (*alone, *map(tuple, groups))


def turn(lab: Lab, world: World) -> int:
    """Which worlds are judged first: those that stand, and those that take longest.

    That are those whose hosts will be restarted, and steps left out of which nothing is known: the
    next step may wait for what does not come. Begun last they would be waited for with idle cores.
    """
    if world[0].untouched:
        return 0
    mistakes = [mistake(lab, trial.key) for trial in world]
    if any(one is not None and one.lasting for one in mistakes):
        return 1
    if None in mistakes and world[0].without is not None:
        return 1
    return 2 if len(world) == 1 else 3


def joined(mistakes: Sequence[Mistake]) -> Attempt:
    """The solution with all the mistakes in it."""
    solution = mistakes[0].solution
    steps = frozenset(solution.steps)
    for one in mistakes:
        steps = (steps - one.gone) | one.added
    return replace(solution, steps=in_order(steps))


def told_apart(lab: Lab, mistakes: Sequence[Mistake], grade: Grade) -> bool:
    """Whether each mistake did what it names in the world that they share, and nothing besides."""
    strict = {check for one in mistakes if one.played[1] is None for check in one.named}
    named = frozenset().union(*(one.named for one in mistakes))
    behind = _behind(lab.checks, named)
    lasting = frozenset().union(*(one.named for one in mistakes if one.lasting))
    for verdict in grade.verdicts:
        name, outcome = verdict.check, verdict.outcome
        if outcome is Outcome.FAILED and name in named:
            well = verdict.after_restart is (name in lasting)
        elif outcome is Outcome.BLOCKED:
            well = name in behind and name not in strict
        else:
            well = outcome is Outcome.PASSED and name not in named
        if not well:
            return False
    return True


def own(
    lab: Lab, one: Mistake, mistakes: Sequence[Mistake], outcomes: dict[str, Outcome]
) -> dict[str, Outcome]:
    """The outcomes in a shared world that the other mistakes have no part in."""
    others = frozenset().union(*(other.named for other in mistakes if other is not one))
    foreign = _behind(lab.checks, others) - one.named
    return {check: outcome for check, outcome in outcomes.items() if check not in foreign}


def strayed(planned: Iterable[World], found: Iterable[Found]) -> tuple[World, ...]:
    """The worlds that were to be shared and where it came out otherwise than was named."""
    alone = {one.trial for one in found if not one.beside}
    return tuple(world for world in planned if len(world) > 1 and alone.issuperset(world))


def _apart(lab: Lab, one: Mistake, other: Mistake) -> bool:
    """No check is about both, waits for one that the other fails, and no step is changed twice.

    Nor does one stand upon a step that the other does otherwise.
    """
    return (
        one.solution.name == other.solution.name
        and not one.touched & other.touched
        and not _behind(lab.checks, one.named) & other.named
        and not _behind(lab.checks, other.named) & one.named
        and one.name not in other.apart
        and other.name not in one.apart
        and not _upon(one, other)
        and not _upon(other, one)
    )


def _upon(one: Mistake, other: Mistake) -> bool:
    """Whether a step that only `one` has may rest on what `other` did otherwise before it.

    Such steps often change a file that the solution wrote on the host, as it was written.
    """
    replaced = {step.name for step in one.gone}
    more = [step for step in one.added if step.name not in replaced]
    return any(
        step.host == before.host and before.order <= step.order
        for step in more
        for before in other.gone
    )


def _behind(checks: Sequence[Check], names: frozenset[str]) -> frozenset[str]:
    """The checks of these names, and all that wait for one of them."""
    found = set(names)
    for check in checks:  # a check stands after what it waits for
        if any(before.name in found for before in check.after):
            found.add(check.name)
    return frozenset(found)
