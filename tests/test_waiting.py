"""Trying again until a deadline: at once, often at first, a last time at the end."""

from __future__ import annotations

from time import monotonic

import pytest

from runner.waiting import tries


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_without_time_there_is_one_try(seconds: float) -> None:
    assert list(tries(seconds)) == [seconds]


def test_the_first_try_comes_at_once() -> None:
    began = monotonic()
    assert next(tries(60)) == 60
    assert monotonic() - began < 5


def test_the_time_left_shrinks_to_nothing_at_the_last_try() -> None:
    began = monotonic()
    left = list(tries(0.3))
    assert left == sorted(left, reverse=True)
    assert left[-1] == 0
    assert 0.3 <= monotonic() - began < 5


def test_it_is_tried_often_at_first() -> None:
    began = monotonic()
    turns = tries(30)
    for _ in range(3):
        next(turns)
    assert monotonic() - began < 5


def test_who_has_seen_enough_waits_no_longer() -> None:
    began = monotonic()
    for _ in tries(30):
        break
    assert monotonic() - began < 5
