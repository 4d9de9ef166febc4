"""What a lab may cost."""

from __future__ import annotations

from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner import budgets, catalogue
from runner.budgets import Spent, Spread, spread
from runner.check import check
from runner.findings import Found, Problem, Proof, Trial

MIB = 1 << 20
TIMES = st.lists(st.floats(min_value=0, max_value=1e6))


def took(**what: float) -> Found:
    return Found(Trial("9a", 1, "any"), **what)  # type: ignore[arg-type]


def test_nothing_timed_is_within_budget() -> None:
    assert budgets.spent([]) == budgets.spent([took(), took()]) == Spent()
    assert budgets.problems([took()]) == ()


def test_the_nearest_rank_is_a_time_that_was_measured() -> None:
    assert spread(range(1, 101)) == Spread(50, 95, 100)
    assert spread(range(1, 21)) == Spread(10, 19, 20)
    assert spread([0.0, 3.0, 0.0, 1.0]) == Spread(1.0, 3.0, 2)


@given(TIMES)
def test_half_of_them_and_nearly_all_take_no_longer(times: list[float]) -> None:
    timed = [time for time in times if time > 0]
    found = spread(times)
    assert found.timed == len(timed)
    for percent, at in ((50, found.p50), (95, found.p95)):
        assert at in timed if timed else at == 0
        assert sum(time <= at for time in timed) * 100 >= percent * len(timed)
        assert sum(time < at for time in timed) * 100 < percent * len(timed) or not timed


@given(TIMES)
def test_the_order_does_not_matter(times: list[float]) -> None:
    assert spread(times) == spread(reversed(times))


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({"start": 7.1}, "start p95 7.1 s; at most 5 s was expected"),
        ({"start": 5.01}, "start p95 5.1 s; at most 5 s was expected"),
        ({"grade": 12.0}, "grade p95 12.0 s; at most 5 s was expected"),
        ({"stop": 2.5}, "stop p95 2.5 s; at most 2 s was expected"),
        ({"memory": 600 * MIB + 1}, "memory 601 MiB; at most 600 MiB was expected"),
    ],
)
def test_what_is_over_budget_is_told(found: dict[str, float], says: str) -> None:
    assert budgets.problems([took(**found)]) == (Problem(Proof.BUDGET, says),)


def test_what_is_just_within_budget_is_no_problem() -> None:
    most = took(start=5.0, grade=5.0, reset=99.0, stop=2.0, memory=600 * MIB)
    assert budgets.problems([most]) == ()


def test_one_slow_start_of_many_is_no_problem() -> None:
    assert budgets.problems([*(took(start=1.0) for _ in range(19)), took(start=60.0)]) == ()


def test_a_grading_gets_what_it_declares_to_wait() -> None:
    assert budgets.problems([took(grade=14.0, start=5.0)], waits=10) == ()
    [problem] = budgets.problems([took(grade=15.5)], waits=10)
    assert problem.text == "grade p95 15.5 s; at most 5 s and 10 s of declared waits was expected"


def test_checks_wait_side_by_side_and_disruptive_ones_one_after_the_other() -> None:
    def look() -> None:
        """Look."""

    side_by_side = [check(within=4)(look), check(within=3)(look), check()(look)]
    alone = [check(within=2, disruptive=True)(look), check(within=5, disruptive=True)(look)]
    assert budgets.waits([]) == 0
    assert budgets.waits(side_by_side) == 4
    assert budgets.waits([*side_by_side, *alone]) == 11


def test_the_foundation_declares_no_long_waits() -> None:
    house = Path(__file__).parent.parent
    assert all(budgets.waits(lab.checks) <= 5 for lab in catalogue.labs(house))


@given(st.integers(min_value=600 * MIB + 1, max_value=1 << 40))
def test_what_is_over_budget_never_reads_as_if_it_were_not(memory: int) -> None:
    [problem] = budgets.problems([took(memory=memory)])
    assert problem.text.startswith(f"memory {ceil(memory / MIB)} MiB;")
    assert ceil(memory / MIB) > 600
