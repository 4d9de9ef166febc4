"""Other programs: run, timed, and ended when we are."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

_GRACE = 30.0
"""Seconds that a program gets to put things in order after an interrupt."""


class ProgramFailed(Exception):
    """A program ended in a way that was not expected; the message has the end of what it said."""


Words = Sequence[str | Path]
"""A program and its arguments."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a program ended, and how long it took from before its start until after its end."""

    code: int
    seconds: float
    output: str
    complaints: str


def run(
    words: Words,
    *,
    allowed: Sequence[int] = (0,),
    extra: Mapping[str, str] | None = None,
    limit: float = 120.0,
    folder: Path | None = None,
) -> Done:
    """Run a program to its end; ProgramFailed where it ends otherwise than `allowed`.

    When we are interrupted, or the time is up, it is interrupted and waited for: it may have
    containers to remove.
    """
    began = perf_counter()
    with subprocess.Popen(
        [str(word) for word in words],
        cwd=folder,
        env={**os.environ, **(extra or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        try:
            output, complaints = process.communicate(timeout=limit)
        except BaseException as error:
            _ended(process)
            if isinstance(error, subprocess.TimeoutExpired):
                raise ProgramFailed(f"not done after {limit:.0f} s") from None
            raise
    done = Done(process.returncode, perf_counter() - began, output, complaints)
    if done.code not in allowed:
        said = (complaints.strip() or output.strip())[-300:]
        raise ProgramFailed(f"{Path(str(words[0])).name} ended with {done.code}: {said}")
    return done


def _ended(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.communicate(timeout=_GRACE)
        return
    process.kill()
    process.communicate()
