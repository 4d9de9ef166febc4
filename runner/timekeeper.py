"""Hands in what nobody has handed in when its time is over.

One process for each record, in the background, for as long as an assessment runs. Should it be
killed, the next command about that world does the same.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from time import sleep

from runner import canonical, handin, places, session
from runner.assessment import Sitting
from runner.engine import Engine
from runner.errors import LabError
from runner.locks import if_free
from runner.practical import Say
from runner.session import Session

HandIn = Callable[[Engine, Session], object]
"""Hands in what stands in a world."""
GRACE = timedelta(seconds=5)
"""Open shells end with the time as well and hand in themselves: they are read by somebody."""
_LOOK = 20.0
"""Seconds until it looks again, since an assessment may have begun that ends before the others."""
_TRIES = 30
"""How often in a row the engine may not answer: it may be on its way up again."""


def begin() -> None:
    """Leave one running, which outlives this program; it ends at once where one runs already."""
    isolated = ["-I"] if sys.flags.isolated else []
    command = [sys.executable, *isolated, "-m", "runner", "submit", "--due"]
    # The shell ends at once, so nobody waits for it.
    detach = '"$@" </dev/null >/dev/null 2>&1 &'
    subprocess.run(["sh", "-c", detach, "sh", *command], start_new_session=True, check=True)


def keep(connect: Callable[[], Engine], hand_in: HandIn, say: Say) -> None:
    """Hand in what is due, until no clock runs; nothing where another process does so already."""
    with if_free(f"timekeeper-{_record()}") as free:
        silent = 0
        while free and silent < _TRIES:
            wait: float | None = _LOOK
            try:
                with closing(connect()) as engine:
                    wait = look(engine, hand_in, say)
                silent = 0
            except LabError as error:
                say(str(error))
                silent += 1
            if wait is None:
                return
            sleep(min(wait, _LOOK))


def look(engine: Engine, hand_in: HandIn, say: Say) -> float | None:
    """Hand in what is due; the seconds until the next is, None where no clock runs."""
    waits = []
    for found, of in _assessed(engine):
        wait = (of.due + GRACE - datetime.now(UTC)).total_seconds()
        if of.submitted is None and wait > 0:
            waits.append(wait)
            continue
        say(f"handing in {found.tag.code} of {found.tag.apprentice}")
        hand_in(engine, found)
    return min(waits, default=None)


def _assessed(engine: Engine) -> list[tuple[Session, Sitting]]:
    """The worlds whose clock runs, by this record: other people's may run on the same engine."""
    worlds = [one for one in session.find_all(engine) if one.complete and one.tag.assessed]
    known = [(one, handin.known(one)) for one in worlds]
    return [(one, of) for one, of in known if of is not None and of.paused is None]


def _record() -> str:
    """Tells one record from another."""
    which = f"{places.data()}\n{os.environ.get('LAB_DATABASE_URL', '')}"
    return canonical.digest(which.encode("utf-8", "surrogateescape"))[:16]
