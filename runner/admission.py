"""Admission: so many worlds are built or graded at a time, in the order in which it was asked for.

More at once gain nothing on the cores there are and let everybody wait for the slowest. Whoever
waits holds a ticket, a locked file in a folder of this account, which ends with its holder.
"""

from __future__ import annotations

import fcntl
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic_ns

from runner import places
from runner.errors import StageError, UsageError
from runner.locks import alone
from runner.waiting import tries

EACH = 2
"""Starts, or gradings, that one apprentice may have under way or waiting."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits in one line: `a_core` of it go on side by side for each core of the engine."""

    what: str
    busy: str
    a_core: int


STARTS = Queue("starts", "many start", 2)
"""Worlds to be built: with more side by side none is ready any sooner."""
GRADINGS = Queue("gradings", "many are graded", 2)
"""Worlds to be graded: with more, hosts answer so late that it is held against them."""

_LIMIT = 3600.0
"""Seconds until somebody who waits is told to come back later."""
_GLANCE, _LONGEST_GLANCE = 0.02, 0.25
"""Seconds between two looks of whoever is next, and of those far behind."""


@contextmanager
def admitted(
    queue: str,
    who: str,
    abreast: int,
    told: Callable[[int], None] = lambda _: None,
    what: str = "starts",
) -> Iterator[None]:
    """Be one of at most `abreast` in the queue of that name; `told` hears each new place in it.

    The place counts from 1. UsageError where `who` has enough of `what` in it already.
    """
    folder = places.state() / "queues" / re.sub(r"[^A-Za-z0-9._-]", "_", queue)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    seen = [0]

    def pause() -> float:
        return min(_GLANCE * max(seen[-1], 1), _LONGEST_GLANCE)

    with _ticket(folder, who, what) as mine:
        for _ in tries(_LIMIT, pause):
            place = sum(name < mine for name in _held(folder)) - abreast + 1
            if place <= 0:
                break
            if place != seen[-1]:
                told(place)
                seen.append(place)
        else:
            raise StageError(
                f"after {_LIMIT / 60:.0f} minutes there is still no room for this",
                remedy="./lab status --all shows what runs; try again when others are done",
            )
        yield


def _refuse_many(folder: Path, who: str, what: str) -> None:
    own = [name for name in _held(folder) if name.split(":")[1] == who]
    if len(own) >= EACH:
        raise UsageError(
            f"{who} has {len(own)} {what} under way or waiting already",
            remedy="wait for them; ./lab status shows what is there",
        )


@contextmanager
def _ticket(folder: Path, who: str, what: str) -> Iterator[str]:
    """A ticket behind all others there are; its name."""
    with ExitStack() as opened:
        # One by one: who looks between the time on a ticket and its being seen would not count it.
        with alone(f"queue {folder.name}"):
            _refuse_many(folder, who, what)
            # The machine's clock, the same for all; what a machine that was restarted left is dead.
            name = f"{monotonic_ns():020d}:{who}:{secrets.token_hex(4)}"
            coming = folder / f".{name}"
            file = opened.enter_context(coming.open("w"))
            fcntl.flock(file, fcntl.LOCK_EX)
            # Nobody ever sees it unlocked: that would mean that its holder is gone.
            coming.rename(folder / name)
        try:
            yield name
        finally:
            (folder / name).unlink(missing_ok=True)


def _held(folder: Path) -> list[str]:
    """The tickets that somebody holds, in order; those of programs that were killed are removed."""
    held = []
    for ticket in sorted(folder.iterdir()):
        if ticket.name.startswith("."):
            continue
        with suppress(FileNotFoundError), ticket.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                held.append(ticket.name)
            else:
                ticket.unlink(missing_ok=True)
    return held
