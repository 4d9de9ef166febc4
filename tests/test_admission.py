"""So many at a time, in order, whoever is killed meanwhile, each told their place."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import pytest

from runner import admission
from runner.admission import admitted
from runner.errors import StageError, UsageError

HOLDER = """
import sys
from runner.admission import admitted
with admitted("engine", "holder", 1):
    print("in", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    return tmp_path / "queues" / "engine"


@contextmanager
def holder() -> Iterator[subprocess.Popen[str]]:
    """Another program that is admitted."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "in\n"
        try:
            yield program
        finally:
            program.kill()


class Asking:
    """Somebody who asks to be admitted, in a thread of their own."""

    def __init__(self, who: str, abreast: int = 1) -> None:
        self.places: list[int] = []
        self.inside = Event()
        self.leave = Event()
        self._thread = Thread(target=self._ask, args=(who, abreast))
        self._thread.start()

    def _ask(self, who: str, abreast: int) -> None:
        with admitted("engine", who, abreast, self.places.append):
            self.inside.set()
            self.leave.wait(20)

    def gone(self) -> None:
        """Leave."""
        self.leave.set()
        self._thread.join(20)


def awaited(holds: Callable[[], bool]) -> bool:
    until = monotonic() + 10
    while not holds() and monotonic() < until:
        sleep(0.01)
    return holds()


def test_who_finds_room_hears_nothing_and_leaves_nothing(queue: Path) -> None:
    places: list[int] = []
    with admitted("engine", "ann", 2, places.append), admitted("engine", "joe", 2, places.append):
        assert len(list(queue.iterdir())) == 2
    assert places == []
    assert list(queue.iterdir()) == []


def test_others_wait_in_order_and_are_told_their_place() -> None:
    first = Asking("ann")
    assert first.inside.wait(10)
    second = Asking("joe")
    assert awaited(lambda: second.places == [1])
    third = Asking("eve")
    assert awaited(lambda: third.places == [2])
    first.gone()
    assert second.inside.wait(10)
    assert awaited(lambda: third.places == [2, 1])
    assert not third.inside.is_set()
    second.gone()
    assert third.inside.wait(10)
    third.gone()


def test_who_is_killed_makes_room(queue: Path) -> None:
    with holder() as program:
        waiting = Asking("joe")
        assert awaited(lambda: waiting.places == [1])
        program.kill()
        assert waiting.inside.wait(10)
        waiting.gone()
    assert list(queue.iterdir()) == []


def test_who_is_interrupted_while_waiting_makes_room(queue: Path) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    with holder():
        with pytest.raises(KeyboardInterrupt), admitted("engine", "joe", 1, interrupted):
            pass
        assert len(list(queue.iterdir())) == 1


def test_one_apprentice_does_not_fill_the_queue() -> None:
    with ExitStack() as stack:
        for _ in range(admission.EACH):
            stack.enter_context(admitted("engine", "ann", 9))
        with pytest.raises(UsageError, match="ann has 2 starts under way or waiting already"):
            stack.enter_context(admitted("engine", "ann", 9))
        stack.enter_context(admitted("engine", "joe", 9))
        stack.enter_context(admitted("elsewhere", "ann", 9))


def test_what_is_too_much_is_named() -> None:
    with ExitStack() as turns:
        for _ in range(2):
            turns.enter_context(admitted("grade", "ann", 4, what="gradings"))
        with pytest.raises(UsageError, match="ann has 2 gradings under way"):
            turns.enter_context(admitted("grade", "ann", 4, what="gradings"))


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "_LIMIT", 0.2)
    with (
        holder(),
        pytest.raises(StageError, match="there is still no room"),
        admitted("engine", "joe", 1),
    ):
        pass


def test_eight_programs_at_once_are_never_more_than_two_inside() -> None:
    inside: list[str] = []
    most: list[int] = []

    def work(who: str) -> None:
        with admitted("engine", who, 2):
            inside.append(who)
            most.append(len(inside))
            sleep(0.02)
            inside.remove(who)

    threads = [Thread(target=work, args=(f"a{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(most) == 8
    assert max(most) == 2
