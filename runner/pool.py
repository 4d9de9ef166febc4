"""Worlds that were built ahead: they stand still until somebody starts that lab and gets one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from runner import session
from runner.catalogue import Lab
from runner.engine import Engine
from runner.imagespec import tag_of
from runner.locks import alone
from runner.session import Session


@dataclass(frozen=True, slots=True)
class Stock:
    """How many worlds of a lab wait, and how many of them can be given away."""

    code: str
    ready: int
    waiting: int


def waiting(engine: Engine, code: str | None = None) -> tuple[Session, ...]:
    """The worlds that wait, of one lab or of all, finished or not, the oldest first."""
    return tuple(
        found
        for found in session.find_all(engine)
        if found.tag.pooled and code in {None, found.tag.code}
    )


def usable(found: Session, lab: Lab) -> bool:
    """Whether it is whole, and what starting the lab would build now."""
    if not found.complete or found.tag.revision != lab.revision:
        return False
    hosts = {name: tag_of(lab.scenario_form.hosts[name].image) for name in lab.hosts}
    return {one.host: one.image for one in found.containers} == hosts and all(
        one.state in {"running", "paused"} for one in found.containers
    )


def stock(found: Sequence[Session], labs: Iterable[Lab]) -> tuple[Stock, ...]:
    """What waits of each lab."""
    counted = []
    for lab in labs:
        own = [one for one in found if one.tag.code == lab.code]
        counted.append(Stock(lab.code, sum(usable(one, lab) for one in own), len(own)))
    return tuple(counted)


def claim(engine: Engine, lab: Lab, apprentice: str, seed: int | None = None) -> Session | None:
    """A world of the lab that waited, now the apprentice's and awake; None if there is none.

    With `seed` only one that was drawn from it.
    """
    if not waiting(engine, lab.code):  # most often, so nobody queues up for it
        return None
    with _alone(engine, lab.code):
        for found in waiting(engine, lab.code):
            if usable(found, lab) and seed in {None, found.tag.seed}:
                session.claim(engine, found, apprentice)
                return session.find(engine, apprentice, lab.code)
    return None


def discard(engine: Engine, found: Session) -> bool:
    """Remove a world that waits; False if somebody got it meanwhile."""
    with _alone(engine, found.tag.code):
        still = [
            one for one in waiting(engine, found.tag.code) if one.tag.session == found.tag.session
        ]
        for one in still:
            session.remove(engine, one)
        return bool(still)


def _alone(engine: Engine, code: str) -> AbstractContextManager[None]:
    return alone(f"{engine.id[:12]}-pool-{code}")
