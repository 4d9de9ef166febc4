"""The one place that waits: tries again until a deadline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic, sleep

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 0.5


def tries(seconds: float, pauses: Callable[[], float] | None = None) -> Iterator[float]:
    """Yield the seconds left, at once and then again after pauses, until none are left.

    The pauses grow, unless `pauses` says how long the next one is. The last turn comes at the
    deadline, so something that holds at the last moment is still seen.
    """
    deadline = monotonic() + seconds
    pause = _FIRST_PAUSE
    yield seconds
    while (left := deadline - monotonic()) > 0:
        sleep(min(pauses() if pauses else pause, left))
        pause = min(pause * 1.5, _LONGEST_PAUSE)
        yield max(deadline - monotonic(), 0.0)
