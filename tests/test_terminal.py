"""A shell that is fed: both outputs come through, and a clock may speak in it and end it."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from runner import terminal
from runner.assessment import Ring
from runner.terminal import Clock


@pytest.fixture
def ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[socket.socket, ...]]:
    """Our end of the wire and the host's, and a standard input with something in it."""
    (tmp_path / "typed").write_text("echo hello\n", encoding="utf-8")
    ours, hosts = socket.socketpair()
    with closing(ours), closing(hosts), (tmp_path / "typed").open() as typed:
        monkeypatch.setattr(sys, "stdin", typed)
        yield ours, hosts


def framed(kind: int, text: str) -> bytes:
    return bytes([kind, 0, 0, 0]) + len(text).to_bytes(4, "big") + text.encode()


def test_both_outputs_come_through(
    ends: tuple[socket.socket, socket.socket], capfd: pytest.CaptureFixture[str]
) -> None:
    ours, hosts = ends
    hosts.sendall(framed(1, "out") + framed(2, "err"))
    hosts.shutdown(socket.SHUT_WR)
    terminal.feed(ours, Clock(None, "\n"))
    assert capfd.readouterr() == ("out", "err")
    assert hosts.recv(100) == b"echo hello\n"


def test_the_end_of_the_time_ends_a_shell_that_says_nothing(
    ends: tuple[socket.socket, socket.socket], capfd: pytest.CaptureFixture[str]
) -> None:
    rings = iter([Ring("2 minutes left", 0.01), Ring("", 0.01), Ring("over", 0.0, over=True)])
    terminal.feed(ends[0], Clock(lambda: next(rings), "\n"))
    assert capfd.readouterr() == ("", "\n-- 2 minutes left --\n\n-- over --\n")
    assert next(rings, None) is None


def test_a_clock_speaks_while_the_host_is_at_it(
    ends: tuple[socket.socket, socket.socket], capfd: pytest.CaptureFixture[str]
) -> None:
    ours, hosts = ends
    told = iter([Ring("first", 3600.0)])

    def host() -> None:
        hosts.recv(100)
        hosts.sendall(framed(1, "done"))
        hosts.shutdown(socket.SHUT_WR)

    at_work = Thread(target=host)
    at_work.start()
    terminal.feed(ours, Clock(lambda: next(told), "\n"))
    at_work.join()
    assert capfd.readouterr() == ("done", "\n-- first --\n")
