"""The program itself: how soon it says something, and what it imports for that."""

from __future__ import annotations

from collections.abc import Mapping

from bench import program
from bench.contest import Contestant, interleaved
from bench.figures import Found, Goal, Line
from bench.ground import Bench, Plan
from bench.processes import run

TITLE = "The program itself"
_VERBS = {"help": "--help", "list": "list", "status": "status"}
_LIMITS = {"help": 0.12, "list": 0.2}
_TIMES = 3
"""So many calls a round: they are short, and so is what disturbs them."""


def lines(plan: Plan) -> tuple[Line, ...]:
    """What is measured."""
    del plan
    base = Line("bare", "whole process", "Python with nothing to do", base="bare")
    ours = [
        Line(
            name,
            "whole process",
            f"lab {word}",
            base="bare",
            goals=(Goal(_LIMITS[name]),) if name in _LIMITS else (),
        )
        for name, word in _VERBS.items()
    ]
    return (base, *ours)


def measure(bench: Bench) -> Found:
    """Each verb in turn, beside a Python that does nothing."""

    def bare() -> Mapping[str, float]:
        return {"bare": run([program.python(), "-I", "-c", "pass"]).seconds}

    def verb(name: str) -> Contestant:
        return Contestant(name, (name,), lambda: {name: program.lab([_VERBS[name]]).seconds})

    contestants = [Contestant("bare", ("bare",), bare), *(verb(name) for name in _VERBS)]
    measured = interleaved(contestants, bench.plan.rounds * _TIMES, bench.say)
    profile = {f"imports of lab {word}": program.imports([word]) for word in _VERBS.values()}
    return Found(measured.samples, measured.notes, profile)
