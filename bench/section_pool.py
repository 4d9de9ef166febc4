"""The pool: a world that was built ahead, given to somebody, against building one."""

from __future__ import annotations

from collections.abc import Mapping

from bench import program
from bench.contest import Contestant, interleaved, timed
from bench.figures import Found, Goal, Line
from bench.ground import BOOTED, Bench, Plan, lab
from runner import life
from runner.life import Started

TITLE = "Built ahead: 3 hosts with systemd"


def lines(plan: Plan) -> tuple[Line, ...]:
    """What is measured."""
    del plan
    base, what = "pool-fresh", "start"
    tenth = Goal(0.1, base, name="a fresh start")
    return (
        Line(base, what, "built anew, inside", base=base),
        Line("pool-claim", what, "out of the pool, inside", base=base, goals=(Goal(0.15), tenth)),
        Line("pool-process", what, "out of the pool, lab start, whole process", base=base),
    )


def measure(bench: Bench) -> Found:
    """Each way in turn; the worlds are built ahead outside the time."""
    measured = interleaved(
        [
            Contestant("built anew", ("pool-fresh",), lambda: _fresh(bench)),
            Contestant("out of the pool", ("pool-claim",), lambda: _claimed(bench)),
            Contestant("lab start", ("pool-process",), lambda: _process(bench)),
        ],
        bench.plan.rounds,
        bench.say,
    )
    return Found(measured.samples, measured.notes)


def _fresh(bench: Bench) -> Mapping[str, float]:
    what, who = lab(BOOTED), bench.apprentice()
    took = timed(lambda: program.start(bench, what, who))
    program.stop_of(bench, who, BOOTED)
    return {"pool-fresh": took}


def _claimed(bench: Bench) -> Mapping[str, float]:
    what, who = lab(BOOTED), bench.apprentice()
    life.prepare(bench.engine, what, program.unheard)
    got: list[Started] = []
    took = timed(lambda: got.append(life.start(bench.engine, what, who, say=program.unheard)))
    program.stop_of(bench, who, BOOTED)
    if not got[0].pooled:
        raise program.Unexpected("the world was built, although one waited")
    return {"pool-claim": took}


def _process(bench: Bench) -> Mapping[str, float]:
    who = bench.apprentice()
    life.prepare(bench.engine, lab(BOOTED), program.unheard)
    done = program.lab(["start", BOOTED, "--as", who])
    program.stop_of(bench, who, BOOTED)
    if "from the pool" not in done.complaints:
        raise program.Unexpected("the world was built, although one waited")
    return {"pool-process": done.seconds}
