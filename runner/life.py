"""The life of a practical: started, resumed, reset, stopped. Each function is one verb."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from runner import admission, building, fence, images, pool, practical, probe, session, watchers
from runner.catalogue import Lab
from runner.engine import Engine
from runner.entry import Mode
from runner.errors import AlreadyRunning, HostNotReady, NoRoom, NoSession
from runner.lines import Lines
from runner.locks import alone
from runner.practical import Practical, Say
from runner.session import POOL, Session, Tag
from runner.values import new_seed


@dataclass(frozen=True, slots=True)
class Started:
    """What `start` did: `resumed` where the world was there already, `revived` where it slept.

    `pooled` where it had been built ahead.
    """

    practical: Practical
    resumed: bool = False
    revived: bool = False
    pooled: bool = False


def start(  # noqa: PLR0913 - one parameter for each word, and who hears of it
    engine: Engine,
    lab: Lab,
    apprentice: str,
    *,
    seed: int | None = None,
    mode: Mode = Mode.PRACTICE,
    say: Say,
    lines: Lines | None = None,
    most: int | None = None,
) -> Started:
    """The apprentice's world of `lab`: resumed if there is one, else from the pool, else built.

    The `lines` over which it was built stay open for what comes next. Raises AlreadyRunning where
    it runs with another seed than the one asked for, or as practice where an assessment is asked
    for, and NoRoom where `most` worlds run already. An assessment's world is built for itself.
    """
    with _turn(engine, apprentice, lab.code, say):
        for there in _mine(engine, apprentice, lab.code):
            if not there.complete:
                say(f"removing what an interrupted start of {lab.code} left")
                session.remove(engine, there)
                continue
            if mode is Mode.ASSESSMENT and not there.tag.assessed:
                raise AlreadyRunning(
                    f"{lab.code} runs already for {apprentice}, as practice",
                    remedy=f"./lab stop {lab.code} ends it; the work in it is lost",
                )
            if seed is not None and mode is Mode.PRACTICE and there.tag.seed != seed:
                raise AlreadyRunning(
                    f"{lab.code} runs already for {apprentice}, with seed {there.tag.seed}",
                    remedy=f"./lab stop {lab.code} ends it; then start it with seed {seed}",
                )
            return _resumed(engine, there, lab, say)
        ready = None
        if mode is Mode.PRACTICE:  # what lies in the pool says in its labels that it is that
            with _room(engine, most):
                ready = pool.claim(engine, lab, apprentice, seed)
        if ready is not None:
            fence.ensure(engine)  # it may have been taken down since
            return Started(practical.of(ready, lab), pooled=True)
        drawn = new_seed() if seed is None else seed
        return Started(_fresh(engine, lab, apprentice, drawn, say, lines, most, mode))


def resume(engine: Engine, found: Session, lab: Lab, say: Say) -> Practical:
    """This very world, up again if it slept; NoSession where it is gone: none is built for it."""
    tag = found.tag
    with _turn(engine, tag.apprentice, tag.code, say):
        return _resumed(engine, _this(engine, tag), lab, say).practical


def prepare(engine: Engine, lab: Lab, say: Say) -> Session:
    """Build a world of the lab ahead and have it stand still; whoever starts the lab gets it."""
    built = _fresh(engine, lab, None, new_seed(), say).session
    session.pause(engine, built)
    return built


def reset(
    engine: Engine, found: Session, lab: Lab, say: Say, *, seed: int | None = None
) -> Practical:
    """The same world as it was at the start: same seed, nothing of the work left."""
    tag = found.tag
    with _turn(engine, tag.apprentice, tag.code, say):
        session.remove(engine, found)
        return _fresh(engine, lab, tag.apprentice, tag.seed if seed is None else seed, say)


def stop(engine: Engine, found: Session, say: Say) -> None:
    """Remove the world and everything of it."""
    with _turn(engine, found.tag.apprentice, found.tag.code, say):
        session.remove(engine, found)


@contextmanager
def still(engine: Engine, found: Session, say: Say) -> Iterator[Session]:
    """This very world, standing still; afterwards what ran goes on. NoSession where it is gone."""
    tag = found.tag
    with _turn(engine, tag.apprentice, tag.code, say):
        there = _this(engine, tag)
        ran = {one.id for one in there.containers if one.running}
        try:
            session.pause(engine, there)
            yield there
        finally:
            stands = [
                one
                for other in _mine(engine, tag.apprentice, tag.code)
                for one in other.containers
                if one.id in ran and one.state == "paused"
            ]
            session.revive(engine, replace(there, containers=tuple(stands)))


def discard(engine: Engine, found: Session, say: Say) -> bool:
    """Remove a world that was never finished; False if it is finished, or gone, by now."""
    with _turn(engine, found.tag.apprentice, found.tag.code, say):
        still = [
            one
            for one in session.find_all(engine)
            if one.tag.session == found.tag.session and not one.complete
        ]
        for one in still:
            session.remove(engine, one)
        return bool(still)


def _fresh(  # noqa: PLR0913, PLR0917 - what a world is made of, and who hears of it
    engine: Engine,
    lab: Lab,
    apprentice: str | None,
    seed: int,
    say: Say,
    lines: Lines | None = None,
    most: int | None = None,
    mode: Mode = Mode.PRACTICE,
) -> Practical:
    """A new world; nobody's, for the pool, where no apprentice is named."""
    # Everything that an author can have got wrong is read before anything is built.
    values = lab.values(seed)
    _ = lab.checks
    ready = images.ensure(engine, lab.images, say)
    hosts = [lab.scenario_form.hosts[name] for name in lab.hosts]
    booted = next((ready[host.image] for host in hosts if host.init == "systemd"), None)
    ground = building.Ground(
        engine=engine,
        images=ready,
        systemd=probe.systemd_recipe(engine, booted) if booted else None,
    )
    token = secrets.token_hex(4)
    tag = Tag(
        session=token,
        code=lab.code,
        apprentice=apprentice or f"{POOL}{token}",
        seed=seed,
        slot=0,
        revision=lab.revision,
        started=datetime.now(UTC),
        mode=mode,
    )
    with admitted(engine, tag.apprentice, admission.STARTS, say):
        say(f"starting {len(lab.hosts)} hosts")
        try:
            with _room(engine, most):
                [(tag, plan)] = session.in_parallel(
                    lambda unplaced: building.claim(engine, unplaced, lab.networks), [tag]
                )
            world = lab.world(values, plan)
            with nullcontext(lines) if lines else Lines(engine) as opened:
                built = building.build(ground, tag, world, opened.open)
        except BaseException:
            session.remove_by_id(engine, tag.session)
            raise
    return Practical(lab, values, world, built)


def _resumed(engine: Engine, there: Session, lab: Lab, say: Say) -> Started:
    work = practical.of(there, lab)
    if not session.revive(engine, there):
        return Started(work, resumed=True)
    # The machine may have been restarted, which takes both back.
    fence.ensure(engine)
    watchers.ensure(engine)
    there = session.find(engine, there.tag.apprentice, lab.code)
    work = practical.of(there, lab)
    with Lines(engine) as lines:
        try:
            building.await_ready(there, work.world, lines.open)
        except HostNotReady as error:
            # What a learner has switched off for good may be what `ready` looks at.
            say(str(error))
    return Started(work, resumed=True, revived=True)


def _mine(engine: Engine, apprentice: str, code: str) -> list[Session]:
    return [
        found
        for found in session.find_all(engine)
        if (found.tag.apprentice, found.tag.code) == (apprentice, code)
    ]


def _this(engine: Engine, tag: Tag) -> Session:
    for there in _mine(engine, tag.apprentice, tag.code):
        if there.complete and there.tag.session == tag.session:
            return there
    raise NoSession(
        f"the world of {tag.code} that was meant runs no longer",
        remedy="./lab status shows what runs",
    )


@contextmanager
def admitted(engine: Engine, apprentice: str, queue: admission.Queue, say: Say) -> Iterator[None]:
    """One of so many of a queue as the engine's machine has cores for."""

    def told(place: int) -> None:
        say(f"{queue.busy} at this moment: number {place} in the queue")

    name, abreast = f"{engine.id[:12]}-{queue.what}", queue.a_core * engine.cores
    with admission.admitted(name, apprentice, abreast, told, queue.what):
        yield


@contextmanager
def _room(engine: Engine, most: int | None) -> Iterator[None]:
    """Be the only one who takes a place among the `most` worlds; NoRoom where there is none."""
    if most is None:
        yield
        return
    with alone(f"{engine.id[:12]}-room"):
        there = sum(not found.tag.pooled for found in session.find_all(engine))
        if there >= most:
            raise NoRoom(
                f"{there} labs run on this engine; at most {most} may",
                remedy="wait until somebody stops theirs: ./lab status --all shows them",
            )
        yield


@contextmanager
def _turn(engine: Engine, apprentice: str, code: str, say: Say) -> Iterator[None]:
    """One start, reset or stop of a world at a time."""
    name = f"{engine.id[:12]}-{apprentice}-{code}"
    with alone(name, lambda: say(f"another command works on {code}; waiting for it")):
        yield
