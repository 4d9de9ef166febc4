"""How many works run side by side, told from what the cores have left."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, repeat
from pathlib import Path
from time import sleep

import pytest

from runner import crowd


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "GLANCE", 0.02)


def most_at_once(spare: Iterator[float], *, some: int = 2, most: int = 4, works: int = 8) -> int:
    """How many of the works were seen to run at the same moment; each waits a while for others."""
    lock, running, seen = threading.Lock(), [0], [0]
    full = threading.Event()

    def work() -> None:
        with lock:
            running[0] += 1
            seen[0] = max(seen[0], running[0])
            if running[0] == most:
                full.set()
        full.wait(0.3)
        with lock:
            running[0] -= 1

    with ThreadPoolExecutor(most) as pool:
        done = crowd.side_by_side([work] * works, pool, some=some, most=most, spare=spare)
        assert len(done) == works
    return seen[0]


@pytest.mark.parametrize(("left", "at_once"), [(crowd.NO_ROOM, 2), (crowd.IDLE, 4)])
def test_more_than_some_run_while_the_cores_have_time_left(left: float, at_once: int) -> None:
    assert most_at_once(repeat(left)) == at_once


def test_the_last_ones_run_together_however_busy_the_cores_are() -> None:
    assert most_at_once(repeat(0.0), some=2, most=4) == 4
    assert most_at_once(repeat(0.0), some=2, most=2) == 2


def test_while_others_wait_busy_cores_get_no_more() -> None:
    seen: list[int] = []
    lock, running = threading.Lock(), [0]

    def work() -> None:
        with lock:
            running[0] += 1
            seen.append(running[0])
        sleep(0.06)
        with lock:
            running[0] -= 1

    with ThreadPoolExecutor(4) as pool:
        crowd.side_by_side([work] * 9, pool, some=2, most=4, spare=repeat(0.0))
    assert max(seen[:7]) == 2


def test_what_the_cores_did_before_the_last_one_began_does_not_count() -> None:
    # One look as each of the first three is to begin, the third after two of them run.
    assert most_at_once(chain([1.0, 1.0, 1.0], repeat(crowd.NO_ROOM)), works=3) == 2


def test_all_come_back_in_order() -> None:
    with ThreadPoolExecutor(3) as pool:
        works = [lambda number=number: number for number in range(9)]
        done = crowd.side_by_side(works, pool, some=2, most=3, spare=repeat(0.0))
        assert [one.result() for one in done] == [*range(9)]


def test_an_error_is_not_waited_for() -> None:
    begun: list[int] = []

    def fails() -> None:
        begun.append(1)
        raise ValueError("no room")

    with ThreadPoolExecutor(1) as pool, pytest.raises(ValueError, match="no room"):
        crowd.side_by_side([fails] * 9, pool, some=1, most=1, spare=repeat(0.0))
    assert len(begun) < 9


def files(folder: Path, times: str, left: int = crowd.SPARE) -> tuple[Path, Path]:
    stat, memory = folder / "stat", folder / "meminfo"
    stat.write_text(f"cpu  {times} 7 7\ncpu0 1 2 3\n", encoding="ascii")
    memory.write_text(f"MemTotal: 9 kB\nMemAvailable:   {left} kB\n", encoding="ascii")
    return stat, memory


def test_idle_and_waiting_for_the_disk_is_time_left(tmp_path: Path) -> None:
    spare = crowd.spare(*files(tmp_path, "10 0 10 50 10 0 0 0"))
    assert next(spare) == crowd.NO_ROOM  # since when?
    files(tmp_path, "40 0 20 90 20 0 5 5")
    assert next(spare) == pytest.approx(0.5)
    assert next(spare) == crowd.NO_ROOM  # no time has passed


def test_where_memory_gets_short_there_is_no_room(tmp_path: Path) -> None:
    spare = crowd.spare(*files(tmp_path, "10 0 10 50 10 0 0 0"))
    next(spare)
    files(tmp_path, "10 0 10 99 10 0 0 0", crowd.SPARE - 1)
    assert next(spare) == crowd.NO_ROOM
    files(tmp_path, "10 0 10 199 10 0 0 0")
    assert next(spare) == pytest.approx(1.0)


@pytest.mark.parametrize("said", ["", "cpu\n", "cpu a b c d e\n"])
def test_a_machine_that_does_not_say_has_no_room(tmp_path: Path, said: str) -> None:
    stat, memory = files(tmp_path, "10 0 10 50 10 0 0 0")
    stat.write_text(said, encoding="ascii")
    spare = crowd.spare(stat, memory)
    assert [next(spare), next(spare)] == [crowd.NO_ROOM, crowd.NO_ROOM]
