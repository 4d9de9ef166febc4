"""A class: so many start at the same moment, then all are graded, then all stop.

Everybody is a process of their own, as apprentices are. Their world has three hosts with systemd.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter, sleep

from bench import program, raw, usage
from bench.contest import reason
from bench.figures import Found, Goal, Line
from bench.ground import BOOTED, PLAIN, Bench, Plan, hosts, lab, no_worlds
from runner import admission, session

TITLE = "A class"
HOSTS = 3
"""In each world."""
_WHOLE = 40
"""The class that is held to the floor."""
_FLOORS = 8
"""So many worlds the floor makes."""
_LIMIT = 1200.0
"""Seconds that anybody of a class may take."""
_QUIET, _WATCHED, _GLIMPSED = 2.0, 10.0, 2.0
"""Seconds from the last start until hosts count as idle, and for which they are then watched.

The last in a quick run.
"""
_AGAIN = 3
"""So often a class of one is measured: it gives a single sample of each."""

Taken = dict[str, list[float]]


def lines(plan: Plan) -> tuple[Line, ...]:
    """What is measured; how it grows is the ratio to the smallest class."""
    return (
        _taken_by("memory-plain", "idle host", "init none, memory", "MiB", goal=12.0),
        _taken_by("memory-booted", "idle host", "systemd, memory", "MiB", goal=35.0),
        Line("floor", "start, a host", "floor: SDK, eight worlds", base="floor"),
        *(line for size in plan.sizes for line in _lines(size, plan.sizes[0])),
    )


def measure(bench: Bench) -> Found:
    """One class after the other, the smallest first."""
    taken: Taken = {}
    notes: dict[str, str] = {}
    for key, code in (("memory-plain", PLAIN), ("memory-booted", BOOTED)):
        _tried(partial(_host, bench, key, code, taken), [key], notes)
    bench.say("floor of a class")
    _tried(partial(_floor, bench, taken), ["floor"], notes)
    for size in bench.plan.sizes:
        bench.say(f"a class of {size}")
        keys = [line.key for line in _lines(size, size)]
        _tried(partial(_class, bench, size, taken, notes), keys, notes)
    return Found(taken, notes)


def _lines(size: int, least: int) -> tuple[Line, ...]:
    floor = Goal(1.1, "floor", HOSTS * size, "floor of a host")
    many = f"class of {size}"
    return (
        Line(f"start-{size}", f"start, {many}", "each", base=f"start-{least}"),
        Line(
            f"ready-{size}",
            f"start, {many}",
            "until all are ready",
            base=f"ready-{least}",
            goals=(floor,) if size == _WHOLE else (),
        ),
        Line(f"rate-{size}", f"start, {many}", "worlds", "/min", base=f"rate-{least}"),
        Line(f"grade-{size}", f"grade, {many}", "each", base=f"grade-{least}"),
        Line(f"graded-{size}", f"grade, {many}", "until all are", base=f"graded-{least}"),
        Line(f"stop-{size}", f"stop, {many}", "each", base=f"stop-{least}"),
        Line(f"stopped-{size}", f"stop, {many}", "until all are", base=f"stopped-{least}"),
        _taken_by(f"memory-{size}", f"idle, {many}", "memory, each", "MiB", f"memory-{least}"),
        _taken_by(f"idle-{size}", f"idle, {many}", "processor, all", "ms/s", f"idle-{least}"),
    )


def _taken_by(key: str, what: str, who: str, unit: str, base: str = "", goal: float = 0.0) -> Line:
    """What idle hosts take; not every account may look at that."""
    goals = (Goal(goal),) if goal else ()
    return Line(key, what, who, unit, base, goals, needed=False)


def _tried(work: Callable[[], None], keys: Iterable[str], notes: dict[str, str]) -> None:
    try:
        work()
    except Exception as error:  # noqa: BLE001 - one class that fails does not end the run
        notes |= dict.fromkeys(keys, f"failed: {reason(error)}")


def _host(bench: Bench, key: str, code: str, taken: Taken) -> None:
    """The memory of a host in a world that is alone."""
    work = program.start(bench, lab(code), bench.apprentice())
    try:
        sleep(_QUIET)
        there = [one.id for one in work.session.containers]
        taken[key] = [usage.of(there).memory / usage.MIB / len(there)]
    finally:
        program.stop(bench, work)


def _floor(bench: Bench, taken: Taken) -> None:
    three = hosts(BOOTED)
    # As many side by side as the program has under way.
    abreast = admission.STARTS.a_core * bench.engine.cores
    began = perf_counter()
    with ThreadPoolExecutor(abreast) as pool:
        worlds = list(pool.map(lambda n: raw.up(bench, three, HOSTS, raw.SLOT + n), range(_FLOORS)))
    taken["floor"] = [(perf_counter() - began) / _FLOORS / HOSTS]
    for world in worlds:
        raw.down(bench, world, HOSTS)


def _class(bench: Bench, size: int, taken: Taken, notes: dict[str, str]) -> None:
    """One class of this size."""
    for _ in range(min(bench.plan.rounds, _AGAIN) if size == 1 else 1):
        names = [bench.apprentice() for _ in range(size)]
        try:
            whole = _together(f"start-{size}", ["start", BOOTED], names, taken)
            _put(taken, f"ready-{size}", whole)
            _put(taken, f"rate-{size}", size / whole * 60)
            keys = [f"memory-{size}", f"idle-{size}"]
            _tried(partial(_idle, bench, names, taken), keys, notes)
            # Exit code 1: graded, and not yet demonstrated, since nobody has worked.
            whole = _together(f"grade-{size}", ["grade", BOOTED], names, taken, code=1)
            _put(taken, f"graded-{size}", whole)
            whole = _together(f"stop-{size}", ["stop", BOOTED], names, taken)
            _put(taken, f"stopped-{size}", whole)
        finally:
            no_worlds(bench)


def _together(
    key: str, words: Sequence[str], names: Sequence[str], taken: Taken, code: int = 0
) -> float:
    """Everybody calls the program at the same moment; the seconds until the last is done."""

    def call(who: str) -> float:
        return program.lab([*words, "--as", who], allowed=(code,), limit=_LIMIT).seconds

    began = perf_counter()
    with ThreadPoolExecutor(len(names)) as pool:
        for seconds in pool.map(call, names):
            _put(taken, key, seconds)
    return perf_counter() - began


def _idle(bench: Bench, names: Sequence[str], taken: Taken) -> None:
    """What all worlds of a class take while nobody works in them."""
    sleep(_QUIET)
    there = [
        container.id
        for one in session.find_all(bench.engine)
        if one.tag.apprentice in names
        for container in one.containers
    ]
    began, before = perf_counter(), usage.of(there)
    sleep(_GLIMPSED if bench.plan.quick else _WATCHED)
    after = usage.of(there)
    watched = perf_counter() - began
    size = len(names)
    _put(taken, f"memory-{size}", after.memory / usage.MIB / size)
    _put(taken, f"idle-{size}", (after.seconds - before.seconds) * 1000 / watched)


def _put(taken: Taken, key: str, value: float) -> None:
    taken.setdefault(key, []).append(value)
