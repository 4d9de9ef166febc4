"""How many worlds run side by side: some at any time, more while the cores have nothing to do.

A world computes for seconds and then waits for seconds, each lab in its own way, so no number is
right for all. This machine's cores are looked at; where another one's engine builds the worlds they
say nothing, and it stays at some.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from pathlib import Path
from typing import TypeVar

STAT = Path("/proc/stat")
MEMORY = Path("/proc/meminfo")
GLANCE = 0.5
"""Seconds over which the cores are looked at: what was just begun shows by then."""
IDLE = 0.15
"""Of the cores' time, the share that must be left for one more."""
SPARE = 1536 << 10
"""KiB of memory that must be left for one more: two of the largest worlds and some for the rest."""

R = TypeVar("R")


def side_by_side(
    works: Iterable[Callable[[], R]],
    pool: Executor,
    *,
    some: int,
    most: int,
    spare: Iterator[float],
) -> list[Future[R]]:
    """Begin each of the works in turn as soon as there is room; all are begun when it returns.

    `some` run at any time, up to `most` while `spare` says that enough of the cores' time is left.
    What one of them raises is raised here if it comes while others wait.
    """
    begun: list[Future[R]] = []
    running: set[Future[R]] = set()
    for work in works:
        next(spare)  # what was before the last one began says nothing
        while len(running) >= some:
            done, running = wait(running, timeout=GLANCE, return_when=FIRST_COMPLETED)
            for one in done:
                one.result()
            if not done and len(running) < most and next(spare) >= IDLE:
                break
        one = pool.submit(work)
        begun.append(one)
        running.add(one)
    return begun


def spare(stat: Path = STAT, memory: Path = MEMORY) -> Iterator[float]:
    """The share of the cores' time that was left since the last turn.

    0 at first, where memory gets short, and where the machine does not say.
    """
    all_before, idle_before = 0, 0
    while True:
        try:
            # user nice system idle iowait irq softirq steal; what follows is in these already
            times = [int(one) for one in stat.read_text(encoding="ascii").split()[1:9]]
            sizes = dict(
                line.split(":", 1) for line in memory.read_text(encoding="ascii").splitlines()
            )
            left = int(sizes["MemAvailable"].split()[0])
        except (OSError, ValueError, KeyError):
            yield 0.0
            continue
        if len(times) < 8:  # noqa: PLR2004 - those of every kernel that runs containers
            yield 0.0
            continue
        everything, idle = sum(times), times[3] + times[4]
        passed, unused = everything - all_before, idle - idle_before
        known = all_before > 0 and passed > 0 and left >= SPARE
        all_before, idle_before = everything, idle
        yield unused / passed if known else 0.0
