"""How many worlds run side by side: some at any time, more while the cores have nothing to do.

A world computes for seconds and then waits for seconds, each lab in its own way, so no number is
right for all: too few leave the cores idle, and each one too many makes all of them take more time
of the cores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from pathlib import Path
from typing import TypeVar

STAT = Path("/proc/stat")
MEMORY = Path("/proc/meminfo")
GLANCE = 0.5
"""Seconds over which the cores are looked at: what was just begun shows by then."""
IDLE = 0.15
"""Of the cores' time, the share that must be left for one more."""
LAST = 2
"""Of the works, the last ones that are begun whatever is left of the cores' time."""
SPARE = 1536 << 10
"""KiB of memory that must be left for one more: two of the largest worlds and some for the rest."""
NO_ROOM = -1.0
"""Instead of a share: nothing can be said of the cores, or memory gets short."""

R = TypeVar("R")


def side_by_side(
    works: Sequence[Callable[[], R]],
    pool: Executor,
    *,
    some: int,
    most: int,
    spare: Iterator[float],
) -> list[Future[R]]:
    """Begin each of the works in turn as soon as there is room; all are begun when it returns.

    `some` run at any time, up to `most` while `spare` says that enough of the cores' time is left.
    So do the `LAST` ones, whatever is left: what they wait for, they had better wait for together.
    What one of them raises is raised here if it comes while others wait.
    """
    begun: list[Future[R]] = []
    running: set[Future[R]] = set()
    for number, work in enumerate(works):
        enough = 0.0 if len(works) - number <= LAST else IDLE
        next(spare)  # what was before the last one began says nothing
        while len(running) >= some:
            done, running = wait(running, timeout=GLANCE, return_when=FIRST_COMPLETED)
            for one in done:
                one.result()
            if not done and len(running) < most and next(spare) >= enough:
                break
        one = pool.submit(work)
        begun.append(one)
        running.add(one)
    return begun


def spare(stat: Path = STAT, memory: Path = MEMORY) -> Iterator[float]:
    """The share of the cores' time that was left since the last turn; NO_ROOM at first."""
    all_before, idle_before = 0, 0
    while True:
        try:
            # user nice system idle iowait irq softirq steal; what follows is in these already
            times = [int(one) for one in stat.read_text(encoding="ascii").split()[1:9]]
            sizes = dict(
                line.split(":", 1) for line in memory.read_text(encoding="ascii").splitlines()
            )
            left = int(sizes["MemAvailable"].split()[0])
            everything, idle = sum(times), times[3] + times[4]
        except (OSError, ValueError, LookupError):
            yield NO_ROOM
            continue
        passed, unused = everything - all_before, idle - idle_before
        known = all_before > 0 and passed > 0 and left >= SPARE
        all_before, idle_before = everything, idle
        yield unused / passed if known else NO_ROOM
