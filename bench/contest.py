"""A contest: round after round, everybody's turn, so that the machine's moods are shared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

from runner.printable import one_line

GIVEN_UP = 2
"""So many failures of one contestant, and the contest goes on without it."""

Turn = Callable[[], Mapping[str, float]]
"""One turn: what was measured, by line."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """Somebody who takes part, in every n-th round if `every` is n; `lines` are theirs."""

    name: str
    lines: tuple[str, ...]
    turn: Turn
    every: int = 1


@dataclass(frozen=True, slots=True)
class Measured:
    """What all turns gave, by line, and by line what went wrong."""

    samples: Mapping[str, tuple[float, ...]]
    notes: Mapping[str, str]


def interleaved(
    contestants: Sequence[Contestant], rounds: int, say: Callable[[str], None]
) -> Measured:
    """Give everybody a turn in each round; who begins moves on by one.

    A contestant that fails is noted and the contest goes on.
    """
    samples: dict[str, list[float]] = {}
    failed: dict[str, list[str]] = {one.name: [] for one in contestants}
    for number in range(rounds):
        first = number % max(len(contestants), 1)
        for one in (*contestants[first:], *contestants[:first]):
            if number % one.every or len(failed[one.name]) >= GIVEN_UP:
                continue
            say(f"round {number + 1} of {rounds}: {one.name}")
            try:
                gave = one.turn()
            except Exception as error:  # noqa: BLE001 - whatever a peer does, the run goes on
                failed[one.name].append(reason(error))
            else:
                for key, value in gave.items():
                    samples.setdefault(key, []).append(value)
    notes = {
        line: f"failed ({len(failed[one.name])} x): {failed[one.name][-1]}"
        for one in contestants
        if failed[one.name]
        for line in one.lines
    }
    return Measured({key: tuple(found) for key, found in samples.items()}, notes)


def timed(work: Callable[[], object]) -> float:
    """The seconds that `work` takes."""
    began = perf_counter()
    work()
    return perf_counter() - began


def reason(error: BaseException) -> str:
    """An error in one line of the table."""
    return one_line(f"{type(error).__name__}: {error}", 200)
