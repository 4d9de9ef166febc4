"""The engine: found or not, what it says of itself, and what its errors mean."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import docker.errors
import pytest
import requests
import urllib3

from runner.engine import Conflict, NotFound, connect, meaning, translating
from runner.errors import EngineUnavailable, NoSession, StageError


class Answers(BaseHTTPRequestHandler):
    """As much of an engine as `connect` asks."""

    info: ClassVar[dict[str, Any]] = {}

    def do_GET(self) -> None:
        """Say who it is."""
        body = {"ApiVersion": "1.41"} if self.path.endswith("/version") else self.info
        said = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def answering() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"tcp://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def refused(status: int, said: str) -> docker.errors.APIError:
    response = requests.Response()
    response.status_code = status
    return docker.errors.APIError("refused", response=response, explanation=said)


def test_an_engine_says_what_it_can_do(answering: str) -> None:
    Answers.info = {
        "ID": "A:B",
        "ServerVersion": "28.5.2+dfsg1",
        "OSType": "linux",
        "Architecture": "aarch64",
        "CgroupVersion": "2",
        "CgroupDriver": "systemd",
        "BridgeNfIptables": True,
        "SecurityOptions": ["name=seccomp,profile=default", "name=userns"],
        "DockerRootDir": "/",
    }
    engine = connect(answering)
    assert (engine.id, engine.version, engine.major, engine.arch) == (
        "A:B",
        "28.5.2+dfsg1",
        28,
        "aarch64",
    )
    assert (engine.cgroup_version, engine.cgroup_driver) == (2, "systemd")
    assert engine.bridge_filter
    assert engine.remapped
    assert not engine.local, "an address of the network may be any machine"
    engine.close()


def test_an_old_engine_leaves_things_unsaid(answering: str) -> None:
    Answers.info = {"OSType": "linux"}
    engine = connect(answering)
    assert engine.cgroup_version == 1
    assert not engine.bridge_filter
    assert not engine.remapped
    engine.close()


def test_an_engine_for_windows_is_of_no_use(answering: str) -> None:
    Answers.info = {"OSType": "windows"}
    with pytest.raises(EngineUnavailable, match="runs windows containers"):
        connect(answering)


def test_no_engine(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="No container engine answers at unix:") as caught:
        connect(f"unix://{tmp_path}/none.sock")
    assert "./lab doctor" in caught.value.remedy


def test_the_environment_names_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/elsewhere.sock")
    with pytest.raises(EngineUnavailable, match=r"elsewhere\.sock"):
        connect()


def test_an_address_that_is_none() -> None:
    with pytest.raises(EngineUnavailable, match="nonsense"):
        connect("nonsense://x")


def test_an_engine_that_hangs(tmp_path: Path) -> None:
    path = tmp_path / "hangs.sock"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen()
        with pytest.raises(EngineUnavailable, match="did not answer in time"):
            connect(f"unix://{path}", patience=0.1)


def test_permission_denied_is_found_below_two_libraries() -> None:
    below = urllib3.exceptions.ProtocolError("Connection aborted.", PermissionError(13, "denied"))
    meant = meaning(requests.ConnectionError(below), "answer", "unix:///x")
    assert isinstance(meant, EngineUnavailable)
    assert "does not let" in str(meant)
    assert "usermod -aG docker" in meant.remedy


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        (404, "No such container: x", NotFound),
        (409, "Conflict. The name is in use", Conflict),
        (500, "anything else", StageError),
    ],
)
def test_refusals_can_be_told_apart(status: int, said: str, expected: type[StageError]) -> None:
    with pytest.raises(StageError) as caught, translating("start the host"):
        raise refused(status, said)
    assert type(caught.value) is expected
    assert str(caught.value) == f"The container engine could not start the host: {said}"


def test_a_full_disk_is_named() -> None:
    meant = meaning(refused(500, "mkdir /x: no space left on device"), "start the host")
    assert isinstance(meant, StageError)
    assert "df -h" in meant.remedy


def test_a_long_answer_is_cut() -> None:
    meant = meaning(refused(500, "x\n" * 9999), "start the host")
    assert len(str(meant)) < 400


def test_a_broken_stream_is_the_engines_fault() -> None:
    with (
        pytest.raises(EngineUnavailable, match=r"broke when it was asked to build: .*reset"),
        translating("build"),
    ):
        raise ConnectionResetError(104, "Connection reset by peer")


def test_what_is_not_the_engines_passes_unchanged() -> None:
    for error in (NoSession("none"), KeyError("x"), FileNotFoundError("a file of ours")):
        with pytest.raises(type(error)) as caught, translating("start the host"):
            raise error
        assert caught.value is error


@pytest.mark.engine
def test_the_engine_of_this_machine() -> None:
    engine = connect()
    with pytest.raises(NotFound), translating("look for a container"):
        engine.api.inspect_container("engine-test-there-is-none")
    hasty = engine.again(5.0)
    assert hasty.ping()
    hasty.close()
    engine.close()
