"""Which mistakes can be made in one world, and what each of them brought there.

A learner seldom makes one mistake only, and a world takes seconds: wrong attempts and left-out
steps share a world where they can stand on the same solution and no check is about two of them.
Each must then fail what it names, and nothing else may fail, as in a world of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, combinations, product

from runner.attempt import Attempt, Step, in_order
from runner.catalogue import Lab
from runner.check import Check
from runner.findings import Found, Played, World
from runner.verdict import Grade, Outcome

MOST = 8
"""Mistakes in one world at most: of more, too few are left beside which each is tried."""
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong attempt, or a solution without a step, as what it does otherwise than the solution.

    `named` are the checks that must not pass; a wrong attempt's must FAIL. `lasting`: they pass
    until the hosts are restarted. `stops` is the later step that does not run through without the
    left-out one: no check can be asked then. `apart` are those that its author keeps out of its
    world.
    """

    played: Played
    solution: Attempt
    named: frozenset[str]
    lasting: bool
    gone: frozenset[Step]
    added: frozenset[Step] = frozenset()
    stops: str | None = None
    apart: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Of the wrong attempt, or of the step that is left out."""
        attempt, without = self.played
        return without or attempt

    @property
    def touched(self) -> frozenset[str]:
        """The names of the steps that it does otherwise, and of the one that it stops."""
        names = frozenset(step.name for step in self.gone | self.added)
        return names | {self.stops} if self.stops else names

    @property
    def more(self) -> frozenset[Step]:
        """The steps that only it has; the others that it adds stand in the place of one."""
        replaced = {step.name for step in self.gone}
        return frozenset(step for step in self.added if step.name not in replaced)


def mistake(lab: Lab, played: Played) -> Mistake | None:
    """What is done otherwise; None where that is not known or it is to have a world of its own."""
    attempts = {one.name: one for one in lab.attempts}
    name, without = played
    attempt = attempts[name]
    if without is not None:
        if without in attempt.apart:
            return None
        lasting = without in attempt.flips_after_restart
        named = (attempt.flips_after_restart if lasting else attempt.flips).get(without)
        gone = frozenset(step for step in attempt.steps if step.name == without)
        if stopped := attempt.stops.get(without):
            return Mistake(played, attempt, frozenset(), lasting=False, gone=gone, stops=stopped)
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

    Those that few get along with are placed first: it takes fewer worlds. So does placing all of
    them anew, world by world in another order: that never takes more, and now and then fewer.
    """
    known = {one: mistake(lab, one) for one in played}
    alone = [(one,) for one, found in known.items() if found is None]
    mistakes = {one: found for one, found in known.items() if found is not None}
    company: dict[Played, set[Played]] = {one: set() for one in mistakes}
    for one, other in combinations(mistakes.values(), 2):
        if beside(lab, (one, other)):
            company[one.played].add(other.played)
            company[other.played].add(one.played)

    def taking(groups: Iterable[list[Played]], one: Played) -> Iterator[list[Played]]:
        for group in groups:
            # Each may get along with each, and not all of them on one solution.
            if (
                len(group) < MOST
                and company[one].issuperset(group)
                and beside(lab, [mistakes[name] for name in (*group, one)])
            ):
                yield group

    def placed(order: Iterable[Played]) -> list[list[Played]]:
        groups: list[list[Played]] = []
        for one in order:
            group = next(taking(groups, one), None)
            if group is None:
                groups.append([one])
            else:
                group.append(one)
        return groups

    groups = placed(sorted(company, key=lambda one: len(company[one])))
    for _ in range(_ROUNDS):
        groups = placed(one for group in reversed(groups) for one in group)
        groups = placed(one for group in sorted(groups, key=len) for one in group)
    return (*alone, *map(tuple, groups))


def beside(lab: Lab, mistakes: Sequence[Mistake]) -> tuple[Mistake, ...]:
    """The mistakes as they are made in one world, all on one solution; empty if they cannot be."""
    own = (one.solution for one in mistakes)
    others = (one for one in lab.attempts if one.solution)
    for solution in dict.fromkeys(chain(own, others)):
        moved = [one for one in (_made_on(one, solution) for one in mistakes) if one is not None]
        if len(moved) == len(mistakes) and all(
            _apart(lab, one, other) for one, other in combinations(moved, 2)
        ):
            return tuple(moved)
    return ()


def turn(lab: Lab, world: World) -> tuple[int, int]:
    """Which worlds are judged first: those that stand, and those that take longest.

    That are those whose hosts will be restarted (a solution's are), and steps left out that stop a
    later one or of which nothing is known: it may wait for what does not come. So may each check
    that fails. Begun last they would be waited for with idle cores.
    """
    if world[0].untouched:
        return 0, 0
    right = {attempt.name for attempt in lab.attempts if attempt.solution}
    known = {trial: mistake(lab, trial.key) for trial in world}
    failing = frozenset().union(*(one.named for one in known.values() if one))
    if any(
        trial.attempt in right if one is None else one.lasting or one.stops
        for trial, one in known.items()
    ):
        return 1, -len(failing)
    return 2 if len(world) == 1 else 3, -len(failing)


def joined(mistakes: Sequence[Mistake]) -> Attempt:
    """The solution with all the mistakes in it, those that stop it as well."""
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
    """The outcomes in a shared world that the other mistakes have no part in.

    None of a step that was made after all, since it stopped a later one.
    """
    if one.stops:
        return {}
    others = frozenset().union(*(other.named for other in mistakes if other is not one))
    foreign = _behind(lab.checks, others) - one.named
    return {check: outcome for check, outcome in outcomes.items() if check not in foreign}


def strayed(planned: Iterable[World], found: Iterable[Found]) -> tuple[World, ...]:
    """The worlds that were to be shared and where it came out otherwise than was named."""
    alone = {one.trial for one in found if not one.beside}
    return tuple(world for world in planned if len(world) > 1 and alone.issuperset(world))


def _made_on(one: Mistake, solution: Attempt) -> Mistake | None:
    """The mistake, made on this solution; None where that may be another mistake.

    It is the same where the solutions differ in nothing that it leaves as it was; or in nothing
    that it does otherwise, or that was done on the same host before a step that is left out or that
    only it has.
    """
    rest, steps = frozenset(one.solution.steps) - one.gone, frozenset(solution.steps)
    if rest <= steps and not one.stops:
        return replace(one, solution=solution, gone=steps - rest)
    differing = steps.symmetric_difference(one.solution.steps)
    unlike = one.more if one.added else one.gone
    if one.touched & {step.name for step in differing} or _rests(unlike, differing):
        return None
    return replace(one, solution=solution)


def _apart(lab: Lab, one: Mistake, other: Mistake) -> bool:
    """No check is about both, waits for one that the other fails, and no step is changed twice.

    Nor does one stand upon a step that the other does otherwise.
    """
    return (
        not one.touched & other.touched
        and not _behind(lab.checks, one.named) & other.named
        and not _behind(lab.checks, other.named) & one.named
        and one.name not in other.apart
        and other.name not in one.apart
        and not _upon(one, other)
        and not _upon(other, one)
    )


def _upon(one: Mistake, other: Mistake) -> bool:
    """Whether a step that only `one` has may rest on what `other` does otherwise.

    Such steps often change a file that the solution wrote on the host, as it was written.
    """
    return _rests(one.more, other.gone)


def _rests(steps: Iterable[Step], others: Iterable[Step]) -> bool:
    """Whether one of the steps comes after one of the others, on the same host."""
    return any(
        step.host == before.host and before.order <= step.order
        for step, before in product(steps, tuple(others))
    )


def _behind(checks: Sequence[Check], names: frozenset[str]) -> frozenset[str]:
    """The checks of these names, and all that wait for one of them."""
    found = set(names)
    for check in checks:  # a check stands after what it waits for
        if any(before.name in found for before in check.after):
            found.add(check.name)
    return frozenset(found)
