"""Worlds that were built ahead: nobody's until somebody starts the lab, and like any other then."""

from __future__ import annotations

import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from runner import catalogue, fingerprint, life, pool, practical, session
from runner.catalogue import Lab
from runner.engine import Engine
from runner.fingerprint import State
from runner.lines import Lines
from runner.session import Session
from runner.verdict import Outcome
from tests.trial import HOUSES, apprentice, clear, inside, lab, left, silent

pytestmark = pytest.mark.engine


@pytest.fixture
def ahead(there: Engine) -> Iterator[Session]:
    """A world of the trial lab that waits."""
    made = life.prepare(there, lab("9a"), silent)
    yield made
    for found in session.find_all(there):
        if found.tag.session == made.tag.session:
            session.remove(there, found)


def waits(there: Engine, made: Session) -> bool:
    return made.tag.session in {one.tag.session for one in pool.waiting(there, "9a")}


@pytest.fixture
def ann(there: Engine, request: pytest.FixtureRequest) -> Iterator[str]:
    """Somebody without a world; nothing of theirs is left."""
    who = apprentice(request.node.name)
    yield who
    clear(there, who)
    assert left(there, who) == []


def test_whoever_starts_the_lab_gets_it_at_once(there: Engine, ahead: Session, ann: str) -> None:
    assert waits(there, ahead)
    began = monotonic()
    started = life.start(there, lab("9a"), ann, seed=ahead.tag.seed, say=silent)
    assert monotonic() - began < 2
    work = started.practical
    assert (started.pooled, work.session.tag.session) == (True, ahead.tag.session)
    assert work.session.running
    assert not waits(there, ahead)
    assert life.start(there, lab("9a"), ann, say=silent).resumed
    grade = practical.judge(there, work)
    assert [one.outcome for one in grade.verdicts] == [Outcome.PASSED, Outcome.FAILED]


def test_it_takes_no_time_while_it_waits(there: Engine, ahead: Session) -> None:
    [found] = [one for one in pool.waiting(there) if one.tag.session == ahead.tag.session]
    assert {one.state for one in found.containers} == {"paused"}


def test_who_asks_for_another_seed_does_not_get_it(there: Engine, ahead: Session, ann: str) -> None:
    assert pool.claim(there, lab("9a"), ann, ahead.tag.seed + 1) is None
    assert waits(there, ahead)


def test_one_that_is_no_longer_what_would_be_built_is_given_to_nobody(
    there: Engine, ahead: Session, ann: str, tmp_path: Path
) -> None:
    root = shutil.copytree(HOUSES["9a"], tmp_path / "house")
    page = root / "labs/jf9_trial/a_small/lab.yaml"
    page.write_text(page.read_text() + "  extra: {token: 8}\n")
    edited: Lab = catalogue.find("9a", root)
    assert pool.claim(there, edited, ann, ahead.tag.seed) is None


def test_of_two_who_ask_at_once_one_gets_it(there: Engine, ahead: Session, ann: str) -> None:
    names = [f"{ann[:28]}-{number}" for number in range(2)]
    with ThreadPoolExecutor() as both:
        claimed = list(
            both.map(lambda who: pool.claim(there, lab("9a"), who, ahead.tag.seed), names)
        )
    assert sorted(one is None for one in claimed) == [False, True]
    assert not pool.discard(there, ahead)


def test_a_claim_that_was_cut_short_is_gone_on_with(
    there: Engine, ahead: Session, ann: str
) -> None:
    # What a program that was killed between the new name and waking the hosts leaves.
    first = ahead.containers[0]
    there.api.rename(first.id, f"lab-{ann}-9a-{first.host}")
    started = life.start(there, lab("9a"), ann, say=silent)
    assert (started.resumed, started.revived) == (True, True)
    assert started.practical.session.tag.session == ahead.tag.session
    assert started.practical.session.running


def test_one_that_waits_can_be_thrown_away(there: Engine, ahead: Session) -> None:
    assert pool.discard(there, ahead)
    assert not waits(there, ahead)


def test_it_cannot_be_told_from_a_fresh_one(there: Engine, ahead: Session, ann: str) -> None:
    """Two fresh worlds of one seed differ in keys and clocks; a claimed one in nothing besides."""
    seed = ahead.tag.seed

    def looked_at(*, pooled: bool) -> Mapping[str, Mapping[str, State]]:
        started = life.start(there, lab("9a"), ann, seed=seed, say=silent)
        assert started.pooled is pooled
        work = started.practical
        with Lines(there) as lines:
            seen = fingerprint.take(work, lines).hosts
        state = {
            container.host: inside(there, work, container.host, RUN_AS)
            for container in work.session.containers
        }
        life.stop(there, work.session, silent)
        return {
            host: {name: beside_addresses(name, one) for name, one in things.items()}
            | {"how it is run": State(state[host])}
            for host, things in seen.items()
        }

    claimed = looked_at(pooled=True)
    fresh, again = looked_at(pooled=False), looked_at(pooled=False)
    assert differing(claimed, fresh) <= differing(fresh, again)


# Where others run labs as well, each of the worlds may have another place in the address plan.
RUN_AS = "hostname; mount; ulimit -a; env; sed -E 's/([0-9]+[.]){3}/NETWORK./' /etc/hosts"


def beside_addresses(name: str, state: State) -> State:
    """All that a thing is; the content of the file with addresses is compared without those."""
    return replace(state, content="") if name == "file /etc/hosts" else state


# What is drawn anew at each boot: identities, numbers, names of temporary folders.
CHANCE = re.compile(r"[0-9a-f]{16,}|\d{4,}|(?<=-)[A-Za-z0-9]{6}(?=$|/)")


def differing(
    one: Mapping[str, Mapping[str, State]], other: Mapping[str, Mapping[str, State]]
) -> set[str]:
    """The things of which there is another number, kind or content."""
    mine, yours = _counted(one), _counted(other)
    return {name for name in mine.keys() | yours.keys() if mine.get(name) != yours.get(name)}


def _counted(seen: Mapping[str, Mapping[str, State]]) -> Mapping[str, Counter[tuple[str, str]]]:
    found: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for host, things in seen.items():
        for name, state in things.items():
            content = "" if state.alive else state.content
            found[CHANCE.sub("*", f"{host}: {name}")][state.what, content] += 1
    return found
