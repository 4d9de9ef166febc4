"""One at a time, across threads and programs, and for nobody for ever."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from runner.locks import alone, if_free

HOLDER = """
import sys
from runner.locks import alone
with alone("9a"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAB_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def holder() -> Iterator[subprocess.Popen[str]]:
    """Another program that holds the lock."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "held\n"
        yield program
        program.kill()


def hold(entered: Event, waited: Event) -> None:
    with alone("9a", waited.set):
        entered.set()


def test_a_free_lock_is_taken_without_a_word() -> None:
    waited = Event()
    for _ in range(2):
        with alone("9a", waited.set):
            pass
    assert not waited.is_set()


def test_the_second_says_that_it_waits_and_gets_its_turn() -> None:
    entered, waited = Event(), Event()
    with alone("9a"):
        second = Thread(target=hold, args=(entered, waited))
        second.start()
        assert waited.wait(2)
        assert not entered.is_set()
    second.join(2)
    assert entered.is_set()


def test_different_names_do_not_wait_for_each_other() -> None:
    with alone("ada-9a"), alone("joe-9a"), alone("joe-9b"):
        pass


def test_a_program_that_is_killed_holds_nothing_back(holder: subprocess.Popen[str]) -> None:
    entered, waited = Event(), Event()
    second = Thread(target=hold, args=(entered, waited))
    second.start()
    assert waited.wait(2)
    holder.send_signal(signal.SIGKILL)
    second.join(2)
    assert entered.is_set()


def test_an_error_inside_lets_go() -> None:
    with pytest.raises(KeyError), alone("9a"):
        raise KeyError
    with alone("9a"):
        pass


def test_no_name_leads_out_of_the_folder(state: Path) -> None:
    with alone("../../etc/passwd 9a"):
        pass
    assert [path.name for path in (state / "locks").iterdir()] == [".._.._etc_passwd_9a"]
    assert (state / "locks").stat().st_mode & 0o777 == 0o700


def test_who_does_not_wait_is_told(holder: subprocess.Popen[str]) -> None:
    with if_free("9a") as free:
        assert not free
    holder.communicate()
    with if_free("9a") as free, if_free("9b") as other:
        assert free
        assert other
