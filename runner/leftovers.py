"""What programs that were killed have left on the engine and on this machine, and its removal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from runner import life, probe, session
from runner.engine import Engine, NotFound, translating
from runner.session import LABEL, Session
from runner.voice import counted

ABANDONED = timedelta(minutes=5)
"""After which a world that is not finished is no longer being built by anybody."""
_TRIAL = 60.0
"""Seconds after which a container that tried systemd should have been removed."""
_BUILD = 3600.0
"""Seconds after which nobody waits for a step of an image any more.

The engine ends a build whose program was killed, unless that happens just as a step begins.
"""


@dataclass(frozen=True, slots=True)
class Stray:
    """Something with our label that belongs to no world. `kind` is container or network."""

    kind: str
    id: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def unfinished(engine: Engine, apprentice: str, now: datetime | None = None) -> list[Session]:
    """Worlds whose building was interrupted.

    One's own count at once, those of others when nobody can be building them any more.
    """
    return [
        one
        for one in session.find_all(engine)
        if abandoned(one, now) or (not one.complete and one.tag.apprentice == apprentice)
    ]


def abandoned(world: Session, now: datetime | None = None) -> bool:
    """Whether its building was interrupted long ago."""
    return not world.complete and world.tag.started < (now or datetime.now(UTC)) - ABANDONED


def clear(engine: Engine, worlds: Iterable[Session], say: Callable[[str], None]) -> list[str]:
    """Remove unfinished worlds and name them; one that has been finished meanwhile stays."""
    return [
        f"the unfinished {world.tag.code} of {world.tag.owner}"
        for world in worlds
        if life.discard(engine, world, lambda what: say(str(what)))
    ]


def strays(engine: Engine) -> list[Stray]:
    """Containers and networks that carry our label and that no world knows."""
    with translating("list what labs left"):
        containers = engine.api.containers(all=True, filters={"label": [LABEL]})
        trials = engine.api.containers(all=True, filters={"label": ["lab.probe"]})
        ours = engine.api.containers(all=True, filters={"label": ["lab.image"]})
        networks = engine.api.networks(filters={"label": [LABEL]})
    known: set[str] = set()
    for world in session.find_all(engine):
        known |= {one.id for one in world.containers} | set(world.networks.values())
    now = time.time()
    old = [one for one in trials if one["Created"] < now - _TRIAL]
    old += [
        one
        for one in ours
        if one["Created"] < now - _BUILD and not {LABEL, "lab.probe"} & one["Labels"].keys()
    ]
    return [
        *(_container(one) for one in containers if one["Id"] not in known),
        *(_container(one) for one in old),
        *(Stray("network", one["Id"], one["Name"]) for one in networks if one["Id"] not in known),
    ]


def remove(engine: Engine, found: Iterable[Stray]) -> list[str]:
    """Remove strays, and empty control groups where there are any; what went, in words."""
    gone = []
    for one in found:
        with suppress(NotFound), translating(f"remove the {one}"):
            if one.kind == "container":
                engine.api.remove_container(one.id, force=True, v=True)
            else:
                engine.api.remove_network(one.id)
            gone.append(str(one))
    if groups := probe.remove_leftovers(engine):
        gone.append(counted(len(groups), "empty control group"))
    return gone


def _container(found: dict[str, Any]) -> Stray:
    names = found.get("Names") or [found["Id"][:12]]
    return Stray("container", found["Id"], names[0].lstrip("/"))
