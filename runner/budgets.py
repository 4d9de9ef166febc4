"""What a lab may cost, the same for all: seconds to start, grade and stop, memory of a world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from runner.check import Check
from runner.findings import Found, Problem, Proof

START, GRADE, STOP = 5.0, 5.0, 2.0
"""Seconds that 95 of 100 starts, gradings and stops take at most."""
MEMORY = 600 << 20
"""Bytes that all hosts of a world take together at most."""
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took: in half of the cases, in 95 of 100; `timed` is how many those were.

    Nearest rank: each is a time that was measured. Seconds; 0 where nothing was timed.
    """

    p50: float = 0.0
    p95: float = 0.0
    timed: int = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """What the trials of a lab took; `memory` is that of the largest world, in bytes."""

    start: Spread = Spread()
    grade: Spread = Spread()
    reset: Spread = Spread()
    stop: Spread = Spread()
    memory: int = 0


def spent(found: Sequence[Found]) -> Spent:
    """What the trials took; what was not timed is left out."""
    return Spent(
        start=spread(one.start for one in found),
        grade=spread(one.grade for one in found),
        reset=spread(one.reset for one in found),
        stop=spread(one.stop for one in found),
        memory=max((one.memory for one in found), default=0),
    )


def spread(times: Iterable[float]) -> Spread:
    """Median and 95th percentile of those that are more than 0."""
    timed = sorted(time for time in times if time > 0)
    if not timed:
        return Spread()
    return Spread(_ranked(timed, 50), _ranked(timed, 95), len(timed))


def waits(checks: Iterable[Check]) -> float:
    """Seconds that a grading may wait beside its looking, since its checks declare so (`within`).

    Checks wait side by side, disruptive ones one after the other.
    """
    every = tuple(checks)
    alone = sum(one.within for one in every if one.disruptive)
    return alone + max((one.within for one in every if not one.disruptive), default=0.0)


def problems(found: Sequence[Found], waits: float = 0.0) -> tuple[Problem, ...]:
    """What of a lab is over budget; a grading gets the seconds on top that it declares to wait."""
    return tuple(Problem(Proof.BUDGET, text) for text in _over(spent(found), waits))


def _over(took: Spent, waits: float) -> Iterator[str]:
    granted = f" and {waits:g} s of declared waits" if waits else ""
    for what, p95, budget, more in (
        ("start", took.start.p95, START, ""),
        ("grade", took.grade.p95 - waits, GRADE, granted),
        ("stop", took.stop.p95, STOP, ""),
    ):
        if p95 > budget:
            shown = p95 + waits if more else p95
            yield f"{what} p95 {_seconds(shown)}; at most {budget:g} s{more} was expected"
    if took.memory > MEMORY:
        # Rounded up: what is over budget must not read as if it were within.
        yield f"memory {ceil(took.memory / MIB)} MiB; at most {MEMORY // MIB} MiB was expected"


def _seconds(time: float) -> str:
    return f"{ceil(time * 10) / 10:.1f} s"


def _ranked(timed: Sequence[float], percent: int) -> float:
    # In whole numbers: 0.95 * 20 is a little more than 19 on a computer.
    return timed[-(-percent * len(timed) // 100) - 1]
