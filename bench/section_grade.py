"""Grading: thirty checks over three hosts, in a fresh world and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median

from bench import askers, program, raw
from bench.askers import Ask
from bench.contest import Contestant, interleaved, timed
from bench.environments import NotRun
from bench.figures import Found, Goal, Line
from bench.ground import PLAIN, Bench, Plan, hosts, lab
from bench.processes import run
from runner import grading, practical, session
from runner.lines import Lines
from runner.practical import Practical

TITLE = "Grade: 30 checks over 3 hosts"
_TIMES = ("cold", "again")
"""First of a fresh world, where nothing was asked before; then once more."""

_PARTS = {
    "nothing": "pass",
    "import the verbs": "import runner.cli, runner.verbs_learner",
    "import what finds a world": "import runner.engine, runner.practical",
    "import what speaks to hosts": "import runner.shells",
    "ask the record": (
        "from runner.record import open_record\n"
        "with open_record() as record: record.hints_used('nobody')"
    ),
}
"""What a whole `lab grade` does besides grading."""
_TRIES = 3

Prepare = Callable[[raw.World], None]


def lines(plan: Plan) -> tuple[Line, ...]:
    """What is measured, cold and again: whole processes, and the work inside of ours."""
    del plan
    return tuple(line for when in _TIMES for line in _lines(when))


def measure(bench: Bench) -> Found:
    """Everybody in turn, each in fresh worlds of their own."""
    notes: dict[str, str] = {}
    versions: dict[str, str] = {}
    contestants = [
        _contestant(bench, "floor-process", askers.floor_process(bench)),
        _contestant(bench, "floor-inside", askers.floor_inside(bench)),
        Contestant("lab grade", _keys("lab-process"), lambda: _ours(bench, _process)),
        Contestant("lab, inside", _keys("lab-inside"), lambda: _ours(bench, _inside)),
    ]
    try:
        ways, versions["pytest-testinfra"] = askers.testinfra(bench)
        for way, ask in ways.items():
            if bench.plan.quick and way != askers.WAYS[0]:
                notes |= dict.fromkeys(_keys(f"testinfra-{way}"), "not run: the run is quick")
            else:
                contestants.append(_contestant(bench, f"testinfra-{way}", ask))
    except NotRun as error:
        own = [key for way in askers.WAYS for key in _keys(f"testinfra-{way}")]
        notes |= dict.fromkeys(own, f"not run: {error}")
    try:
        put, ask, versions["goss"] = askers.goss(bench)
        contestants.append(_contestant(bench, "goss", ask, put))
    except NotRun as error:
        notes |= dict.fromkeys(_keys("goss"), f"not run: {error}")
    measured = interleaved(contestants, bench.plan.rounds, bench.say)
    return Found(measured.samples, {**notes, **measured.notes}, _profile(bench), versions)


def _lines(when: str) -> tuple[Line, ...]:
    process, inside = f"grade, {when}, whole process", f"grade, {when}, inside"
    base = f"{when}-floor-process"
    peers = [(f"testinfra-{way}", f"pytest-testinfra, {way}") for way in askers.WAYS]
    ahead = [Goal(0.1, f"{when}-{key}", name=f"testinfra {key[10:]}") for key, _ in peers]
    return (
        Line(base, process, "floor: a connection and a batch a host", base=base),
        Line(
            f"{when}-lab-process",
            process,
            "lab grade",
            base=base,
            goals=(Goal(2.0, base, name="floor"), *ahead),
        ),
        *(
            Line(f"{when}-{key}", process, who, base=base, needed=False)
            for key, who in (*peers, ("goss", "goss over ssh"))
        ),
        Line(f"{when}-floor-inside", inside, "floor", base=f"{when}-floor-inside"),
        Line(f"{when}-lab-inside", inside, "lab", base=f"{when}-floor-inside"),
    )


def _keys(name: str) -> tuple[str, ...]:
    return tuple(f"{when}-{name}" for when in _TIMES)


def _contestant(bench: Bench, name: str, ask: Ask, prepare: Prepare = lambda _: None) -> Contestant:
    def turn() -> Mapping[str, float]:
        three = hosts(PLAIN)
        world = raw.up(bench, three, len(three))
        try:
            askers.fill(bench, world)
            prepare(world)
            return {key: ask(world) for key in _keys(name)}
        finally:
            raw.down(bench, world, len(three))

    return Contestant(name, _keys(name), turn)


def _ours(
    bench: Bench, grade: Callable[[Bench, Practical], Mapping[str, float]]
) -> Mapping[str, float]:
    work = program.start(bench, lab(PLAIN), bench.apprentice())
    try:
        (done,) = work.lab.attempts
        practical.play(bench.engine, work, done, program.unheard)
        return grade(bench, work)
    finally:
        program.stop(bench, work)


def _process(bench: Bench, work: Practical) -> Mapping[str, float]:
    del bench
    words = ["grade", PLAIN, "--as", work.session.tag.apprentice]
    return {key: program.lab(words).seconds for key in _keys("lab-process")}


def _inside(bench: Bench, work: Practical) -> Mapping[str, float]:
    def grade() -> None:
        if not practical.judge(bench.engine, work).demonstrated:
            raise program.Unexpected("not all checks passed")

    return {key: timed(grade) for key in _keys("lab-inside")}


def _profile(bench: Bench) -> Mapping[str, Sequence[tuple[str, float]]]:
    """Where the time of a grading goes: to the hosts, to the questions, to the program's start."""

    def parts(_: Bench, work: Practical) -> Mapping[str, float]:
        with Lines(bench.engine) as lines:
            stage = practical.stage(bench.engine, work, lines)
            asking = partial(grading.grade, PLAIN, work.lab.checks, stage)
            hosts_of = [host.name for host in work.world.hosts]
            opening = partial(session.in_parallel, partial(lines.open, work.session), hosts_of)
            return {"a line to each host": timed(opening), "the thirty checks": timed(asking)}

    def imports(_: Bench, work: Practical) -> Mapping[str, float]:
        return dict(program.imports(["grade", PLAIN, "--as", work.session.tag.apprentice]))

    return {
        "grading, inside": [*_ours(bench, parts).items()],
        "imports of lab grade": [*_ours(bench, imports).items()],
        "parts of lab grade, each in a Python that does only that": [
            (part, median(_alone(code) for _ in range(_TRIES))) for part, code in _PARTS.items()
        ],
    }


def _alone(code: str) -> float:
    return run([program.python(), "-I", "-c", code]).seconds
