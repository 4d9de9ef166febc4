"""A dockerd is started whatever a killed one left behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.daemon import Answer, Daemon, awaited, ping, search_path, start
from runner.errors import EngineUnavailable

ENVIRON = {"PATH": os.environ["PATH"]}


def test_a_socket_that_is_not_there_is_silent(tmp_path: Path) -> None:
    assert ping(f"unix://{tmp_path}/none.sock") is Answer.SILENT


def test_a_socket_that_nobody_listens_at_is_silent(tmp_path: Path) -> None:
    path = tmp_path / "dead.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    assert ping(f"unix://{path}") is Answer.SILENT


def test_any_http_answer_is_an_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            talk, _ = server.accept()
            with talk:
                talk.recv(100)
                talk.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        assert ping(f"tcp://127.0.0.1:{server.getsockname()[1]}") is Answer.ANSWERS
        thread.join()


def test_what_only_the_sdk_can_reach_is_left_to_it() -> None:
    assert ping("ssh://somebody@engine.test") is Answer.ANSWERS


def test_programs_are_looked_for_in_the_administrators_folders_last() -> None:
    assert search_path({"PATH": "/own"}).split(":") == [
        "/own",
        "/usr/local/sbin",
        "/usr/sbin",
        "/sbin",
    ]


def test_waiting_ends_at_its_deadline() -> None:
    assert not awaited(lambda: False, 0.06)
    assert awaited(lambda: True, 0)


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    """A dockerd of its own that touches nothing of the machine's."""
    if os.geteuid() != 0 or shutil.which("dockerd", path=search_path(ENVIRON)) is None:
        pytest.skip("starting a dockerd takes root and dockerd")
    # Not tmp_path: a socket's path may have 107 characters.
    home = Path("/tmp") / f"lab-daemon-{os.getpid()}"  # noqa: S108 - our own number in it
    home.mkdir()
    own = Daemon(
        socket=home / "d.sock",
        data=home / "data",
        run=home / "run",
        pid_file=home / "d.pid",
        log=home / "log",
        containerd=home / "containerd.sock",
        flags=("--bridge=none", "--iptables=false", "--ip-masq=false"),
    )
    yield own
    end(own.pid_file)
    end(own.run / "containerd" / "containerd.pid")
    # dockerd binds its data folder onto itself, and a killed one leaves that mounted.
    # (is_mount does not see that: it is the same disk.)
    while f" {own.data} " in Path("/proc/mounts").read_text():
        subprocess.run(["umount", str(own.data)], check=True)
    shutil.rmtree(home)


def apart(daemon: Daemon) -> dict[str, str]:
    """An environment whose dockerd has a network of its own.

    In the machine's, an engine without a bridge removes the one that another engine works with.
    """
    folder = daemon.socket.parent / "bin"
    folder.mkdir(exist_ok=True)
    wrapper = folder / "dockerd"
    real = shutil.which("dockerd", path=search_path(ENVIRON))
    wrapper.write_text(f'#!/bin/sh\nexec unshare --net {real} "$@"\n')
    wrapper.chmod(0o755)
    return {**ENVIRON, "PATH": f"{folder}:{ENVIRON['PATH']}"}


def end(pid_file: Path, number: int = signal.SIGTERM) -> None:
    """End the process that a file names and wait until it is gone or only waits to be reaped."""
    if pid_file.exists():
        pid = int(pid_file.read_text())
        words = Path(f"/proc/{pid}/cmdline")
        if words.exists() and words.read_bytes():
            os.kill(pid, number)
            assert awaited(lambda: not words.exists() or not words.read_bytes(), 15)


@pytest.mark.engine
def test_started_it_answers_in_a_session_of_its_own(daemon: Daemon) -> None:
    start(daemon, apart(daemon))
    assert ping(daemon.address) is Answer.ANSWERS
    pid = int(daemon.pid_file.read_text())
    assert os.getsid(pid) != os.getsid(0)
    start(daemon, apart(daemon))
    assert int(daemon.pid_file.read_text()) == pid


@pytest.mark.engine
def test_what_a_killed_one_left_behind_is_cleared(daemon: Daemon) -> None:
    start(daemon, apart(daemon))
    end(daemon.pid_file, signal.SIGKILL)
    assert (daemon.run / "containerd" / "containerd.pid").exists()
    # The number in the pid file is now another living program's.
    daemon.pid_file.write_text(str(os.getpid()))
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(daemon.containerd))
    start(daemon, apart(daemon))
    assert ping(daemon.address) is Answer.ANSWERS
    assert not daemon.containerd.exists()


@pytest.mark.engine
def test_started_three_times_at_once_there_is_one(daemon: Daemon) -> None:
    code = f"from runner.daemon import *; start({daemon!r}, {apart(daemon)!r})"
    code = f"from pathlib import Path, PosixPath\n{code}"
    starters = [subprocess.Popen(["python", "-c", code]) for _ in range(3)]
    assert [starter.wait(timeout=60) for starter in starters] == [0, 0, 0]
    assert daemon.log.read_text().count("API listen on") == 1


@pytest.mark.engine
def test_one_that_does_not_start_says_why(daemon: Daemon) -> None:
    wrong = Daemon(**{**vars(daemon), "flags": ("--storage-driver=nonsense",)})
    with pytest.raises(
        EngineUnavailable, match=r"does not start: failed to start daemon: .*driver"
    ) as raised:
        start(wrong, apart(wrong))
    assert str(daemon.log) in raised.value.remedy
