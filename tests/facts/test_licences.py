"""Recorded answers of a licence server, read; and a real one asked."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graders.facts import licences
from graders.facts.licences import (
    GRANTED,
    SILENT,
    Asker,
    Feature,
    LicenceStatus,
    Seat,
    SeatsAsked,
    Status,
    in_words,
)
from infra.images.licences.seatkeeper.server import Server
from infra.images.licences.seatkeeper.service import Places, Service
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply
from tests.seatkeeper import vendor

ANN, BOB = Asker("ann", "pc1"), Asker("bob", "pc2")
TWO = SeatsAsked("licences", "drafter", (ANN, BOB))
STATUS = """\
* FEATURE name=drafter seats=4 used=2 expires=2027-06-30 linger=3600
* SEAT feature=drafter handle=782 user=ann host=nb-12 since=1793835693 lost=1793840693
* SEAT feature=drafter handle=789 user=bob host=nb-11 since=1795655094
* FEATURE name=render seats=0 used=0 fault=EXPIRED
answer OK
"""


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (
            TWO,
            Reply(0, "answer OK handle=7 token=A expires=2027-01-31\nanswer NO code=NO-SEAT\n"),
            (GRANTED, "NO-SEAT"),
        ),
        (TWO, Reply(0, "answer silent\nanswer silent\n"), (SILENT, SILENT)),
        (TWO, Reply(0, "* NOTE x\nanswer OK handle=1\nanswer NO code=LIMIT\n"), (GRANTED, "LIMIT")),
        (
            LicenceStatus("licences"),
            Reply(0, STATUS),
            Status(
                {"drafter": Feature(4, "2027-06-30", 3600), "render": Feature()},
                (
                    Seat("drafter", "ann", "nb-12", lost=True),
                    Seat("drafter", "bob", "nb-11", lost=False),
                ),
            ),
        ),
        (LicenceStatus("licences"), Reply(0, "answer OK\n"), Status()),
        (LicenceStatus("licences"), Reply(0, "answer silent\n"), Status(silent=True)),
    ],
)
def test_the_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (TWO, Reply(0, "answer OK handle=7\n")),
        (TWO, Reply(0, "answer OK handle=7\nanswer ERR reason=busy\n")),
        (TWO, Reply(0, "answer NO\nanswer silent\n")),
        (TWO, Reply(127, "", "sh: 1: bash: not found")),
        (LicenceStatus("x"), Reply(0, "")),
        (LicenceStatus("x"), Reply(0, "answer ERR reason=malformed\n")),
        (LicenceStatus("x"), Reply(0, "* NONSENSE\nanswer OK\n")),
        (LicenceStatus("x"), Reply(0, "* FEATURE name=a seats=many\nanswer OK\n")),
    ],
)
def test_what_cannot_be_read_is_no_answer(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


def test_an_unknown_feature_is_not_licensed() -> None:
    assert Status().of("drafter") == Feature()


def test_answers_are_told_in_words() -> None:
    assert in_words(GRANTED) == "gets one"
    assert in_words("NO-SEAT") == "is told that no seat is free"
    assert in_words("ELSE") == "is told ELSE"


@pytest.fixture(name="server")
def _server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A server of two seats, at the port that the facts ask."""
    shelf, vendors = vendor.shelf(tmp_path, a=vendor.text(vendor.licence(seats=2)))
    (tmp_path / "hostid").write_text(vendor.HOST_ID)
    (tmp_path / "options").write_text("EXCLUDE drafter USER zoe\nLINGER drafter 900\n")
    places = Places(
        tmp_path / "hostid", shelf, tmp_path / "options", vendors, tmp_path / "state.json"
    )
    service = Service(places, lambda _: None, today=lambda: vendor.TODAY)
    server = Server(service, address=("127.0.0.1", 0))
    monkeypatch.setattr(licences, "PORT", server.address[1])
    over = threading.Event()
    thread = threading.Thread(target=lambda: server.serve(until=over.is_set))
    thread.start()
    yield service
    over.set()
    thread.join()
    server.close()


def asked(fact: Fact[Any]) -> Any:  # noqa: ANN401 - whatever the fact reads
    done = subprocess.run(
        ["sh", "-c", fact.command()], capture_output=True, text=True, check=False, timeout=60
    )
    return fact.read(Reply(done.returncode, done.stdout, done.stderr))


@pytest.mark.skipif(shutil.which("bash") is None, reason="the facts talk through bash")
def test_a_real_server_is_asked_and_has_everything_back(server: Service) -> None:
    zoe = Asker("zoe", "pc9")
    crowd = SeatsAsked("127.0.0.1", "drafter", (ANN, BOB, ANN, zoe))
    assert asked(crowd) == (GRANTED, GRANTED, "NO-SEAT", "NOT-ALLOWED")
    assert server.register.held == {}
    status = asked(LicenceStatus("127.0.0.1"))
    assert status == Status({"drafter": Feature(2, "2026-12-31", 900)})


@pytest.mark.skipif(shutil.which("bash") is None, reason="the facts talk through bash")
def test_where_no_server_listens_it_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(licences, "PORT", 1)
    assert asked(LicenceStatus("127.0.0.1")) == Status(silent=True)
    assert asked(SeatsAsked("127.0.0.1", "drafter", (ANN, BOB))) == (SILENT, SILENT)


@pytest.mark.parametrize(
    "fact",
    [
        SeatsAsked("a;b", "c$d", (Asker("$(e)", "f'g"),)),
        LicenceStatus("a;b"),
    ],
)
def test_what_is_asked_is_quoted(fact: Fact[Any]) -> None:
    words = subprocess.run(
        ["sh", "-n", "-c", fact.command()], capture_output=True, text=True, check=False
    )
    assert words.returncode == 0
    assert "server='\"'\"'a;b'\"'\"' port=" in fact.command()
