"""Every lab falsified on real containers: see runner.validation for what is asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from itertools import chain
from threading import Thread

import pytest

from runner import budgets, catalogue, engine, falsified, images, places, validation
from runner.catalogue import Lab
from runner.findings import Found, Trial, World

pytestmark = pytest.mark.engine

LABS = {lab.code: lab for lab in catalogue.labs(places.house())}
NEW = 0
"""Stands for the seed that is drawn when the tests run: test names must not depend on it."""


def plan(lab: Lab, *seeds: int) -> tuple[Trial, ...]:
    """The trials of a lab, in the order of the worlds that they share."""
    return tuple(chain.from_iterable(validation.worlds(lab, seeds)))


PLANS = {code: plan(lab, *validation.SEEDS, NEW) for code, lab in LABS.items()}
TRIALS = [
    pytest.param(code, number, id=str(trial).replace(f"seed {NEW}:", "new seed:"))
    for code, planned in PLANS.items()
    for number, trial in enumerate(planned)
]

Findings = dict[tuple[str, int], Future[Found]]


@pytest.fixture(scope="module")
def findings() -> Iterator[Findings]:
    """All trials, lab by lab, from the first test on; each test waits for its own."""
    there = engine.connect()
    images.ensure(there, {name for lab in LABS.values() for name in lab.images})
    seeds = validation.seeds()
    promised: Findings = {
        (code, number): Future()
        for code, planned in PLANS.items()
        for number in range(len(planned))
    }
    worker = Thread(target=_prove_all, args=(there, seeds, promised))
    worker.start()
    yield promised
    for future in promised.values():
        future.cancel()  # a run that is cut short needs no more worlds
    worker.join()
    there.close()


@pytest.mark.parametrize(("code", "number"), TRIALS)
def test_lab_stands_its_trial(code: str, number: int, findings: Findings) -> None:
    found = findings[code, number].result()
    # Says the seed as well: ./lab validate CODE --seed NUMBER --only ATTEMPT tries it again.
    assert [str(one) for one in found.problems] == [], str(found.trial)


@pytest.mark.parametrize("code", LABS)
def test_lab_stands_as_a_whole(code: str, findings: Findings) -> None:
    found = [findings[code, number].result() for number in range(len(PLANS[code]))]
    lab = LABS[code]
    wrong = (
        *falsified.problems(lab, found, whole=True),
        *budgets.problems(found, budgets.waits(lab.checks)),
    )
    assert [str(one) for one in wrong] == []


def _prove_all(there: engine.Engine, seeds: tuple[int, ...], promised: Findings) -> None:
    for code, lab in LABS.items():
        place = {trial: number for number, trial in enumerate(plan(lab, *seeds))}

        def wanted(world: World, code: str = code, place: dict[Trial, int] = place) -> bool:
            return not all(promised[code, place[trial]].cancelled() for trial in world)

        def told(found: Found, code: str = code, place: dict[Trial, int] = place) -> None:
            if not promised[code, place[found.trial]].cancelled():
                promised[code, place[found.trial]].set_result(found)

        try:
            validation.prove(there, lab, filter(wanted, validation.worlds(lab, seeds)), told=told)
        except BaseException as error:  # noqa: BLE001 - handed to the tests that wait for it
            for trial in place:
                if not promised[code, place[trial]].done():
                    promised[code, place[trial]].set_exception(error)
