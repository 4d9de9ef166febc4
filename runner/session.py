"""A running world: found by its labels, brought back, restarted, removed.

The labels on containers and networks are the only state. A world whose building was cut short
still has its anchor (its first host) under a provisional name; nobody has worked in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from runner.engine import Engine, NotFound, translating
from runner.entry import Mode
from runner.errors import LabError, NoSession, UsageError
from runner.waiting import tries

LABEL = "lab.session"
PROVISIONAL = ".starting"
POOL = ".pool."
"""How the names of those begin who own worlds that were built ahead: no apprentice is called so."""
PARALLEL = 8
"""Calls to the engine at a time: more gain nothing on the cores that it has."""
STOP_GRACE = 5
"""Seconds that a host gets to shut down before it is killed."""

_REMOVAL_LIMIT = 20.0
"""Seconds that a removal is tried again where what stands in its way passes."""
_PASSING = ("active endpoints", "tried to kill", "could not kill", "did not receive an exit")
_HOLDING_LIMIT = 5.0
"""Seconds that a host is asked again to stand still."""
_NOT_HELD = "runtime pause failed"

T = TypeVar("T")
R = TypeVar("R")

_APPRENTICE = re.compile(r"^[a-z0-9][a-z0-9._-]{0,31}$")


@dataclass(frozen=True, slots=True)
class Tag:
    """Which world this is: `session` is new at each start, `slot` its place in the address plan."""

    session: str
    code: str
    apprentice: str
    seed: int
    slot: int
    revision: str
    started: datetime
    mode: Mode = Mode.PRACTICE

    @property
    def prefix(self) -> str:
        """How the world's containers and networks begin their names, when they are made."""
        return f"lab-{self.apprentice}-{self.code}"

    @property
    def pooled(self) -> bool:
        """It was built ahead and is nobody's yet."""
        return self.apprentice.startswith(POOL)

    @property
    def assessed(self) -> bool:
        """Its work is handed in, by the rules of an assessment."""
        return self.mode is Mode.ASSESSMENT

    @property
    def owner(self) -> str:
        """Whose it is, in words."""
        return "the pool" if self.pooled else self.apprentice

    def labels(self) -> dict[str, str]:
        """The tag as labels."""
        return {
            LABEL: self.session,
            "lab.code": self.code,
            "lab.apprentice": self.apprentice,
            "lab.seed": str(self.seed),
            "lab.slot": str(self.slot),
            "lab.revision": self.revision,
            "lab.started": self.started.isoformat(timespec="seconds"),
            "lab.mode": str(self.mode),
        }


@dataclass(frozen=True, slots=True)
class Container:
    """One host of a world as the engine has it; `state` in the engine's words."""

    id: str
    host: str
    name: str
    state: str
    administered: bool
    image: str = ""

    @property
    def running(self) -> bool:
        """The host is up."""
        return self.state == "running"


@dataclass(frozen=True, slots=True)
class Session:
    """A world on the engine: its tag, hosts and networks (ids by name)."""

    tag: Tag
    containers: tuple[Container, ...]
    networks: dict[str, str]

    @property
    def complete(self) -> bool:
        """It was built to the end, so there may be somebody's work in it."""
        return bool(self.containers) and not any(
            container.name.endswith(PROVISIONAL) for container in self.containers
        )

    @property
    def running(self) -> bool:
        """All hosts are up."""
        return all(container.running for container in self.containers)

    def container(self, host: str) -> Container:
        """The container of a host; UsageError lists those that exist."""
        for one in self.containers:
            if one.host == host:
                return one
        there = ", ".join(one.host for one in self.containers)
        raise UsageError(f"there is no host {host!r} in {self.tag.code}", remedy=f"hosts: {there}")


def apprentice_name(text: str) -> str:
    """`text` as a name that containers can carry; UsageError says what is allowed."""
    name = text.strip().lower()
    if not _APPRENTICE.match(name):
        raise UsageError(
            f"{text!r} cannot be an apprentice's name",
            remedy="1 to 32 of a-z 0-9 . _ -, the first a letter or digit",
        )
    return name


def find_all(engine: Engine) -> tuple[Session, ...]:
    """Every world on the engine, oldest first, complete or not."""
    filters = {"label": [LABEL]}
    with translating("list the running labs"):
        containers = engine.api.containers(all=True, filters=filters)
        networks = engine.api.networks(filters=filters)
    labels: dict[str, dict[str, str]] = {}
    for thing in (*containers, *networks):
        labels.setdefault(thing["Labels"][LABEL], thing["Labels"])
    found = []
    for session, its in labels.items():
        tag = _tag(its)
        if tag is None:
            continue
        own = (_container(c) for c in containers if c["Labels"][LABEL] == session)
        hosts = tuple(sorted(own, key=lambda one: one.host))
        found.append(
            Session(
                tag=replace(tag, apprentice=_owner(tag, hosts)),
                containers=hosts,
                networks={
                    n["Labels"].get("lab.network", n["Name"]): n["Id"]
                    for n in networks
                    if n["Labels"][LABEL] == session
                },
            )
        )
    return tuple(sorted(found, key=lambda one: (one.tag.started, one.tag.session)))


def find(engine: Engine, apprentice: str, code: str | None) -> Session:
    """The apprentice's world of `code`, or the only one if no code is given; else NoSession."""
    mine = [s for s in find_all(engine) if s.tag.apprentice == apprentice and s.complete]
    if code is None and len(mine) == 1:
        return mine[0]
    for session in mine:
        if session.tag.code == code:
            return session
    if code is not None:
        raise NoSession(
            f"no lab {code} runs for {apprentice}", remedy=f"./lab start {code} starts it"
        )
    if not mine:
        raise NoSession(f"no lab runs for {apprentice}", remedy="./lab list shows what there is")
    raise NoSession(
        f"several labs run for {apprentice}: {', '.join(s.tag.code for s in mine)}",
        remedy="name the one that is meant",
    )


def claim(engine: Engine, session: Session, apprentice: str) -> None:
    """Give a world that was built ahead to somebody, and let it go on.

    The new name of one host makes it theirs: whatever stops this later, `start` goes on with it.
    """
    tag, first = replace(session.tag, apprentice=apprentice), session.containers[0]
    with translating(f"name host {first.host}"):
        engine.api.rename(first.id, f"{tag.prefix}-{first.host}")
    revive(engine, session)


def pause(engine: Engine, session: Session) -> None:
    """Have all hosts stand still: they keep their memory and take no time."""
    in_parallel(partial(hold, engine), [one for one in session.containers if one.running])


def hold(engine: Engine, one: Container) -> None:
    """Have one host stand still.

    The kernel may give up on a host that starts programs all the time: then it is tried again.
    """
    for left in tries(_HOLDING_LIMIT):
        try:
            with translating(f"have host {one.host} stand still"):
                engine.api.pause(one.id)
        except LabError as error:
            if not left or _NOT_HELD not in str(error):
                raise
        else:
            return


def revive(engine: Engine, session: Session) -> bool:
    """Start what is stopped (an engine restarted, a host powered off); True if anything was."""
    asleep = [one for one in session.containers if not one.running]

    def wake(one: Container) -> None:
        with translating(f"start host {one.host} again"):
            if one.state == "paused":
                engine.api.unpause(one.id)
            else:
                engine.api.start(one.id)

    in_parallel(wake, asleep)
    return bool(asleep)


def restart(engine: Engine, session: Session) -> None:
    """Restart the administered hosts, as a reboot would."""

    def again(one: Container) -> None:
        with translating(f"restart host {one.host}"):
            engine.api.restart(one.id, timeout=STOP_GRACE)

    in_parallel(again, [one for one in session.containers if one.administered])


def remove(engine: Engine, session: Session) -> None:
    """Remove everything of the world. Safe to call on what is half built or half removed."""

    def destroy(one: Container) -> None:
        _gone(lambda: engine.api.remove_container(one.id, v=True, force=True))

    # A removal that is cut short must leave nothing that looks like a whole world: a host with a
    # name that says so goes last. Only one, since each renaming has the engine write down how many
    # hosts are in a network, as it remembers it, and it remembers wrongly while others leave.
    hosts = sorted(session.containers, key=lambda one: one.name.endswith(PROVISIONAL))
    others, last = hosts[:-1], hosts[-1:]
    for one in last:
        if not one.name.endswith(PROVISIONAL):
            name = f"{session.tag.prefix}-{one.host}{PROVISIONAL}"
            _gone(partial(engine.api.rename, one.id, name))
    in_parallel(destroy, others)
    in_parallel(destroy, last)
    in_parallel(
        lambda network: _gone(
            lambda: engine.api.remove_network(network), lambda: stuck(engine, network)
        ),
        session.networks.values(),
    )


def stuck(engine: Engine, network: str) -> bool:
    """Whether the engine keeps a network for hosts that it does not have, until it is restarted.

    It counts wrongly at times when many worlds come and go; such a network only takes its place in
    the address plan.
    """
    with suppress(NotFound), translating("look at a network"):
        found: dict[str, Any] = engine.api.inspect_network(network)
        inside = engine.api.containers(all=True, filters={"network": [network]})
        return not found["Containers"] and not inside
    return False


def remove_by_id(engine: Engine, session: str) -> None:
    """Remove whatever carries this session's label, as far as it exists by now."""
    for one in find_all(engine):
        if one.tag.session == session:
            remove(engine, one)


def in_parallel(work: Callable[[T], R], items: Iterable[T], *, finish: bool = True) -> list[R]:
    """`work` on every item, side by side; all are finished before the first error is raised.

    Ctrl-C does not reach the threads, so no call to the engine is cut in half: what was begun is
    finished before it goes on, unless `finish` is false, for work that may take long.
    """
    pool = ThreadPoolExecutor(PARALLEL)
    try:
        futures = [pool.submit(work, one) for one in items]
        wait(futures)
    except BaseException:
        pool.shutdown(wait=finish, cancel_futures=True)
        raise
    pool.shutdown()
    return [future.result() for future in futures]


def _gone(removal: Callable[[], Any], hopeless: Callable[[], bool] = lambda: False) -> None:
    """Remove something that another call may be removing at the same moment.

    What cannot be helped, as `hopeless` says when time is up, stays.
    """
    for left in tries(_REMOVAL_LIMIT):
        try:
            with suppress(NotFound), translating("remove what the lab left"):
                removal()
        except LabError as error:
            # A network keeps an endpoint for a moment after its container was removed; the
            # engine says that it could not kill a host which is overloaded.
            if "already in progress" in str(error):
                return
            if left and any(words in str(error) for words in _PASSING):
                continue
            if left or not hopeless():
                raise
        else:
            return


def _container(found: dict[str, Any]) -> Container:
    labels = found["Labels"]
    return Container(
        id=found["Id"],
        host=labels.get("lab.host", found["Id"][:12]),
        name=found["Names"][0].lstrip("/") if found.get("Names") else "",
        state=found.get("State", "unknown"),
        administered=labels.get("lab.administered") == "yes",
        image=str(found.get("Image", "")),
    )


def _owner(tag: Tag, hosts: Iterable[Container]) -> str:
    """Whose world it is. One that was built ahead is claimed by a new name for its hosts."""
    if tag.pooled:
        for one in hosts:
            name = one.name.removeprefix("lab-").removesuffix(PROVISIONAL)
            owner = name.removesuffix(f"-{tag.code}-{one.host}")
            if not owner.startswith(POOL):
                return owner
    return tag.apprentice


def _tag(labels: dict[str, str]) -> Tag | None:
    """The tag in the labels; None where somebody else's label only looks like ours."""
    try:
        return Tag(
            session=labels[LABEL],
            code=labels["lab.code"],
            apprentice=labels["lab.apprentice"],
            seed=int(labels["lab.seed"]),
            slot=int(labels["lab.slot"]),
            revision=labels["lab.revision"],
            started=datetime.fromisoformat(labels["lab.started"]).astimezone(UTC),
            # A world of an older program has none.
            mode=Mode(labels.get("lab.mode", Mode.PRACTICE)),
        )
    except (KeyError, ValueError):
        return None
