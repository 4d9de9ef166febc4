"""The program itself: in this process, where only its work is timed, and as a user calls it."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, sleep

from bench.ground import Bench
from bench.processes import Done, run
from runner import life, places, session
from runner.catalogue import Lab
from runner.practical import Practical

_GONE = 10.0
_GLANCE = 0.02
_IMPORT = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", re.MULTILINE)
_MOST = 10
"""So many packages are told."""


class Unexpected(Exception):
    """What was timed is not what was meant to be timed."""


def lab(words: Sequence[str], *, allowed: Sequence[int] = (0,), limit: float = 300.0) -> Done:
    """`./lab` with these words, as a user types it."""
    return run([launcher(), *words], allowed=allowed, limit=limit)


def launcher() -> Path:
    """The program of this checkout."""
    return places.house() / "lab"


def python() -> str:
    """The Python that the launcher calls."""
    return str(places.house() / ".venv" / "bin" / "python")


def imports(words: Sequence[str], *, allowed: Sequence[int] = (0,)) -> list[tuple[str, float]]:
    """The seconds that the program's imports take with these words, by package, longest first.

    They are those of a Python that keeps the account, so longer than without.
    """
    program = [python(), "-I", "-X", "importtime", "-m", "runner", *words]
    took: dict[str, float] = {}
    for own, module in _IMPORT.findall(run(program, allowed=allowed).complaints):
        package = module.partition(".")[0]
        name = "standard library" if package in sys.stdlib_module_names else package
        took[name] = took.get(name, 0.0) + int(own) / 1e6
    return sorted(took.items(), key=lambda item: -item[1])[:_MOST]


def start(bench: Bench, what: Lab, who: str) -> Practical:
    """Start a lab in this process; Unexpected where the world was there already."""
    started = life.start(bench.engine, what, who, say=unheard)
    if started.resumed or started.pooled:
        raise Unexpected(f"the world of {what.code} was not built anew")
    return started.practical


def stop(bench: Bench, work: Practical) -> None:
    """Stop it in this process."""
    life.stop(bench.engine, work.session, unheard)


def stop_of(bench: Bench, who: str, code: str) -> None:
    """Stop somebody's world in this process."""
    life.stop(bench.engine, session.find(bench.engine, who, code), unheard)


def gone(bench: Bench, who: str) -> float:
    """Seconds until the engine shows nothing more of somebody's worlds."""
    began = monotonic()
    label = {"label": [f"lab.apprentice={who}"]}
    api = bench.engine.api
    while api.containers(all=True, filters=label) or api.networks(filters=label):
        if monotonic() - began > _GONE:
            raise Unexpected(f"after {_GONE:.0f} s there was still something left")
        sleep(_GLANCE)
    return monotonic() - began


def unheard(_: object) -> None:
    """Nobody listens."""
