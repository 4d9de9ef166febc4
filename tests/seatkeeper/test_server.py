"""The server on real sockets, with clients that behave and clients that do not."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.images.licences.seatkeeper import protocol, server
from infra.images.licences.seatkeeper.client import Client, Unreachable
from infra.images.licences.seatkeeper.server import Log, Server
from infra.images.licences.seatkeeper.service import Places, Service
from tests.seatkeeper import vendor


class House:
    """A server that runs in a thread until the test is over. `clock` moves only by hand."""

    def __init__(self, folder: Path) -> None:
        licences, vendors = vendor.shelf(folder, a=vendor.text(vendor.licence(seats=2)))
        (folder / "hostid").write_text(vendor.HOST_ID)
        self.clock = 0.0
        self.heard: list[str] = []
        self.control = folder / "control"
        places = Places(
            folder / "hostid", licences, folder / "options", vendors, folder / "state.json"
        )
        self.service = Service(places, self.heard.append, today=lambda: vendor.TODAY)
        self.server = Server(
            self.service,
            address=("127.0.0.1", 0),
            control=self.control,
            now=lambda: self.clock,
        )
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.is_set():
            self.server.step(0.02)
        self.server.close()

    def client(self) -> Client:
        """Somebody at the other end."""
        return Client(self.server.address)

    def raw(self) -> socket.socket:
        """The same, without manners."""
        return socket.create_connection(self.server.address, timeout=10)

    def close(self) -> None:
        """End it; it must still be alive."""
        assert self._thread.is_alive()
        self._over.set()
        self._thread.join()


@pytest.fixture(name="house")
def _house(tmp_path: Path) -> Iterator[House]:
    there = House(tmp_path)
    yield there
    there.close()


def answers(house: House) -> bool:
    try:
        with house.client() as client:
            return client.ask("BEAT").ok
    except Unreachable:
        return False


def flood(one: socket.socket) -> None:
    for _ in range(200_000):
        one.sendall(b"STATUS\n" * 100)


def await_true(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def seats_lost(house: House) -> list[str]:
    with house.client() as client:
        return [one.get("user") for one in client.ask("STATUS").before if "lost" in one.fields]


def test_a_client_gets_a_seat_and_gives_it_back(house: House) -> None:
    with house.client() as client:
        assert client.ask("HELLO", user="ann", host="pc1").ok
        reply = client.ask("CHECKOUT", feature="drafter")
        assert reply.ok
        assert client.ask("CHECKIN", handle=reply.last.get("handle")).ok
        assert client.ask("BYE").ok
    assert seats_lost(house) == []


def test_a_client_that_goes_without_a_word_leaves_its_seat_behind(house: House) -> None:
    with house.client() as client:
        client.ask("HELLO", user="ann", host="pc1")
        assert client.ask("CHECKOUT", feature="drafter").ok
    assert seats_lost(house) == ["ann"]


def test_a_client_that_says_nothing_for_long_counts_as_gone(house: House) -> None:
    with house.client() as silent:
        silent.ask("HELLO", user="ann", host="pc1")
        assert silent.ask("CHECKOUT", feature="drafter").ok
        house.clock += protocol.SILENCE + 1
        await_true(lambda: "LOST drafter ann@pc1 [101]" in house.heard)
        with pytest.raises(Unreachable):
            silent.ask("BEAT")


def test_requests_may_come_in_pieces_and_together(house: House) -> None:
    with house.raw() as one:
        for piece in (b"HEL", b"LO user=ann ho", b"st=pc1\r\nBEAT\nBE", b"AT\n"):
            one.sendall(piece)
        received = b""
        while received.count(b"\n") < 3:
            received += one.recv(4096)
        assert received == b"OK\nOK\nOK\n"


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"GET / HTTP/1.1\r\n", b"ERR reason=malformed\n"),
        (b"\x16\x03\x01\x02\x00\n", b"ERR reason=malformed\n"),
        (b"x" * 2000, b"ERR reason=line-too-long\n"),
        (b"BEAT\n" + b"x" * 600 + b"\nBEAT\n", b"OK\nERR reason=line-too-long\n"),
        (b"BYE\nBEAT\n", b"OK\n"),
    ],
)
def test_nonsense_ends_a_connection_and_nothing_else(
    house: House, sent: bytes, answer: bytes
) -> None:
    with house.raw() as one:
        one.sendall(sent)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := one.recv(4096):
                received += piece
        assert received in (answer, b"")
    with house.client() as client:
        assert client.ask("STATUS").ok


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=1500))
def test_no_bytes_upset_it(house: House, sent: bytes) -> None:
    with house.raw() as one, contextlib.suppress(OSError):
        one.sendall(sent)
        one.shutdown(socket.SHUT_WR)
        while one.recv(4096):
            pass
    with house.client() as client:
        assert client.ask("STATUS").ok


def test_more_clients_than_it_listens_to_are_turned_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "CONNECTIONS", 3)
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            assert stack.enter_context(house.client()).ask("BEAT").ok
        assert not answers(house)
    await_true(lambda: answers(house))


def test_a_client_that_never_reads_is_given_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "UNSENT", 2000)
    with house.raw() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with pytest.raises(OSError):  # noqa: PT011 - reset or broken pipe
            flood(one)
    assert answers(house)


def test_administrators_come_in_by_the_file_system(house: House) -> None:
    assert house.control.stat().st_mode & 0o777 == 0o600
    with house.client() as client:
        client.ask("HELLO", user="ann", host="pc1")
        handle = client.ask("CHECKOUT", feature="drafter").last.get("handle")
        assert client.ask("REMOVE", handle=handle).code == "NOT-ALLOWED"
        with Client(house.control) as root:
            assert root.ask("REMOVE", handle=handle).ok
            assert root.ask("REREAD").ok
        assert client.ask("BEAT").before[0].word == "LOST"


def test_where_no_server_is_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="no licence server at"):
        Client(tmp_path / "none")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    with pytest.raises(Unreachable, match="no licence server at 127"):
        Client(address)


@pytest.mark.parametrize(
    "said", [b"", b"SSH-2.0-OpenSSH_10\r\n", b"x" * 4000, b"ERR reason=busy\n", b"\xff\n"]
)
def test_what_is_no_licence_server_is_unreachable(said: bytes) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Client(listener.getsockname()) as client,
    ):
        other, _ = listener.accept()
        with other:
            other.sendall(said)
        with pytest.raises(Unreachable):
            client.ask("BEAT")


def test_the_log_begins_anew_before_it_gets_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "LOG_SIZE", 200)
    log = Log(tmp_path / "seatd.log")
    for number in range(20):
        log(f"line {number}")
    assert "line 19" in (tmp_path / "seatd.log").read_text()
    assert (tmp_path / "seatd.log").stat().st_size < 300
    assert (tmp_path / "seatd.log.1").stat().st_size < 300
