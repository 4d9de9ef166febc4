"""Start, reset and stop: three plain hosts, and a world that apprentices get."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bench import compose, kathara, program, raw
from bench.calls import counted
from bench.contest import Contestant, interleaved, timed
from bench.environments import NotRun
from bench.figures import Found, Goal, Line
from bench.ground import PLAIN, REAL, Bench, Plan, hosts, lab
from runner import life
from runner.practical import Practical
from runner.scenario import HostSpec

TITLE = "Start, reset, stop"
_THREE, _FOUR = "3 hosts", "4c, systemd"


def lines(plan: Plan) -> tuple[Line, ...]:
    """What is measured."""
    del plan
    up, down = f"start, {_THREE}", f"stop, {_THREE}"
    real, floor = f"start, {_FOUR}", "start-floor"
    fresh = Goal(0.6, "start-lab", name="a fresh start")
    real_fresh = Goal(0.6, "real-lab", name="a fresh start")
    near = Goal(1.15, floor, name="floor")
    ahead = (
        Goal(0.8, "start-compose", name="Compose"),
        Goal(0.6, "start-kathara", name="Kathara"),
    )
    return (
        Line(floor, up, "floor: SDK, in parallel", base=floor),
        Line("start-sequence", up, "SDK, one after the other", base=floor),
        Line("start-lab", up, "lab, inside", base=floor, goals=(near,)),
        Line("start-process", up, "lab start, whole process", base=floor, goals=ahead),
        Line("start-compose", up, "Docker Compose, whole process", base=floor, needed=False),
        Line("start-kathara", up, "Kathara, whole process", base=floor, needed=False),
        Line("real-floor", real, "floor: SDK, in parallel", base="real-floor"),
        Line(
            "real-lab",
            real,
            "lab, inside",
            base="real-floor",
            goals=(Goal(1.25, "real-floor", name="floor"),),
        ),
        Line("reset-lab", f"reset, {_THREE}", "lab, inside", base="start-lab", goals=(fresh,)),
        Line("real-reset", f"reset, {_FOUR}", "lab, inside", base="real-lab", goals=(real_fresh,)),
        Line("stop-floor", down, "floor: forced, in parallel", base="stop-floor"),
        Line("stop-lab", down, "lab, inside", base="stop-floor", goals=(Goal(0.3),)),
        Line("stop-process", down, "lab stop, whole process", base="stop-floor"),
        Line("left", "until nothing is left", "after lab stop", goals=(Goal(2.0),)),
        Line(
            "stop-compose", down, "Docker Compose, whole process", base="stop-floor", needed=False
        ),
        Line("stop-kathara", down, "Kathara, whole process", base="stop-floor", needed=False),
        Line("real-stop-floor", f"stop, {_FOUR}", "floor: forced, in parallel"),
        Line(
            "real-stop",
            f"stop, {_FOUR}",
            "lab, inside",
            base="real-stop-floor",
            goals=(Goal(0.3),),
        ),
    )


def measure(bench: Bench) -> Found:
    """Everybody in turn, the small world first."""
    notes: dict[str, str] = {}
    versions: dict[str, str] = {}
    plain = interleaved(_plain(bench, notes, versions), bench.plan.rounds, bench.say)
    real = interleaved(_real(bench), max(bench.plan.rounds // 2, 1), bench.say)
    profile = {
        f"calls to the engine, floor, {_THREE}": counted(
            bench, _floor(bench, hosts(PLAIN), "start-floor", "stop-floor", 3)
        ),
        f"calls to the engine, lab, {_THREE}": counted(
            bench, _inside(bench, PLAIN, "start-lab", "stop-lab")
        ),
        "imports of lab start": _imports(bench),
    }
    return Found(
        samples={**plain.samples, **real.samples},
        notes={**notes, **plain.notes, **real.notes},
        profile=profile,
        versions=versions,
    )


def _plain(bench: Bench, notes: dict[str, str], versions: dict[str, str]) -> list[Contestant]:
    three = hosts(PLAIN)
    found = [
        Contestant(
            "floor",
            ("start-floor", "stop-floor"),
            _floor(bench, three, "start-floor", "stop-floor", len(three)),
        ),
        Contestant(
            "in sequence",
            ("start-sequence",),
            _floor(bench, three, "start-sequence", "", 1),
        ),
        Contestant(
            "lab",
            ("start-lab", "reset-lab", "stop-lab"),
            _inside(bench, PLAIN, "start-lab", "stop-lab", "reset-lab"),
        ),
        Contestant("lab start", ("start-process", "stop-process", "left"), lambda: _process(bench)),
    ]
    for name, prepare in (("compose", compose.ready), ("kathara", kathara.ready)):
        own = (f"start-{name}", f"stop-{name}")
        try:
            turn, versions[name] = prepare(bench)
            found.append(Contestant(name, own, turn))
        except NotRun as error:
            notes |= dict.fromkeys(own, f"not run: {error}")
    return found


def _real(bench: Bench) -> list[Contestant]:
    real = hosts(REAL)
    return [
        Contestant(
            f"floor of {REAL}",
            ("real-floor", "real-stop-floor"),
            _floor(bench, real, "real-floor", "real-stop-floor", len(real)),
        ),
        Contestant(
            f"lab {REAL}",
            ("real-lab", "real-reset", "real-stop"),
            _inside(bench, REAL, "real-lab", "real-stop", "real-reset"),
        ),
    ]


def _floor(
    bench: Bench, what: Sequence[HostSpec], start: str, stop: str, abreast: int
) -> Callable[[], Mapping[str, float]]:
    def turn() -> Mapping[str, float]:
        worlds: list[raw.World] = []
        started = timed(lambda: worlds.append(raw.up(bench, what, abreast)))
        stopped = timed(lambda: raw.down(bench, worlds[0], abreast))
        return {start: started} | ({stop: stopped} if stop else {})

    return turn


def _inside(
    bench: Bench, code: str, start: str, stop: str, reset: str = ""
) -> Callable[[], Mapping[str, float]]:
    """Start, reset where that is to be measured, and stop, in this process."""
    what = lab(code)

    def turn() -> Mapping[str, float]:
        worlds: list[Practical] = []
        who = bench.apprentice()
        gave = {start: timed(lambda: worlds.append(program.start(bench, what, who)))}
        if reset:

            def again() -> None:
                worlds.append(life.reset(bench.engine, worlds[0].session, what, program.unheard))

            gave[reset] = timed(again)
        gave[stop] = timed(lambda: program.stop(bench, worlds[-1]))
        return gave

    return turn


def _imports(bench: Bench) -> list[tuple[str, float]]:
    who = bench.apprentice()
    found = program.imports(["start", PLAIN, "--as", who])
    program.lab(["stop", PLAIN, "--as", who])
    return found


def _process(bench: Bench) -> Mapping[str, float]:
    who = bench.apprentice()
    started = program.lab(["start", PLAIN, "--as", who])
    stopped = program.lab(["stop", PLAIN, "--as", who])
    left = program.gone(bench, who)
    return {
        "start-process": started.seconds,
        "stop-process": stopped.seconds,
        "left": left,
    }
