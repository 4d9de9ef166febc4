"""Validation: how long it takes to prove a lab, and how many attempts that is a minute."""

from __future__ import annotations

import json

from bench import program
from bench.contest import Contestant, interleaved
from bench.figures import Found, Goal, Line
from bench.ground import Bench, Plan

TITLE = "Validate"
_LIMIT = 1800.0


def lines(plan: Plan) -> tuple[Line, ...]:
    """What is measured: of each lab, and over all of them."""
    return (
        Line("labs", "validate a lab", "lab validate, all of these labs", goals=(Goal(60.0),)),
        *(Line(f"lab-{code}", f"validate {code}", "lab validate") for code in plan.labs),
        Line("attempts", "attempts a minute", "lab validate, all of these labs", unit="/min"),
    )


def measure(bench: Bench) -> Found:
    """Each lab once, with the seeds that a validation has by itself."""
    seconds: list[float] = []
    rates: list[float] = []
    notes: dict[str, str] = {}

    def validated(code: str) -> dict[str, float]:
        # Exit code 2: some proof does not hold, which takes as long.
        done = program.lab(["validate", code, "--json"], allowed=(0, 2), limit=_LIMIT)
        proved = json.loads(done.output)
        seconds.append(done.seconds)
        rates.append(len(proved["trials"]) / done.seconds * 60)
        if not proved["ok"]:
            notes[f"lab-{code}"] = "some proof of this lab does not hold"
        return {f"lab-{code}": done.seconds}

    def contestant(code: str) -> Contestant:
        return Contestant(f"validate {code}", (f"lab-{code}",), lambda: validated(code))

    measured = interleaved([contestant(code) for code in bench.plan.labs], 1, bench.say)
    samples = {**measured.samples, "labs": seconds, "attempts": rates}
    return Found(samples, {**notes, **measured.notes})
