"""Seats held over interruptions, without any network: the server's answers are a test's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Self

import pytest

from infra.images.licences.seatkeeper import holding
from infra.images.licences.seatkeeper.client import Unreachable
from infra.images.licences.seatkeeper.holding import AGAIN, BEAT, Claim, Holder
from infra.images.licences.seatkeeper.protocol import Line, Reply, line

ANN = Claim("drafter", "ann", "pc1")
GRANTED = Reply(line("OK", handle=101, token="t1"))
YES = Reply(line("OK"))


class Server:
    """Answers what it was told to answer; a word that is not in `answers` finds no server."""

    def __init__(self) -> None:
        self.answers: dict[str, Reply] = {"HELLO": YES, "CHECKOUT": GRANTED, "BEAT": YES}
        self.asked: list[str] = []
        self.clock = 0.0

    def __call__(self, where: object) -> Self:
        """A connection to it."""
        del where
        self.asked.append("CONNECT")
        if not self.answers:
            raise Unreachable("it is down")
        return self

    def ask(self, word: str, **fields: object) -> Reply:
        """What it was told."""
        self.asked.append(word if "token" not in fields else f"{word} {fields['token']}")
        if word not in self.answers:
            raise Unreachable("it is down")
        return self.answers[word]

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(name="server")
def _server(monkeypatch: pytest.MonkeyPatch) -> Server:
    there = Server()
    monkeypatch.setattr(holding, "Client", there)
    return there


class Desk:
    """A holder of Ann's, and what it says."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server, self.file = server, folder / "ann.json"
        self.said: list[str] = []
        self.holder = self.begun()

    def begun(self) -> Holder:
        """The holder, as it begins with what its file says."""
        return Holder(
            ANN, ("licences", 1), self.file, self.said.append, now=lambda: self.server.clock
        )

    def works(self) -> bool:
        """Whether she can work."""
        return self.holder.seated

    def watched(self) -> int:
        """How many connections are watched for her."""
        return len(self.holder.connections)

    def passes(self, seconds: float) -> None:
        """Time goes by."""
        self.server.clock += seconds
        self.holder.step()


@pytest.fixture(name="desk")
def _desk(server: Server, tmp_path: Path) -> Desk:
    return Desk(server, tmp_path)


def test_it_takes_a_seat_and_shows_that_it_lives(server: Server, desk: Desk) -> None:
    assert desk.holder.step() == BEAT
    assert desk.works()
    desk.passes(BEAT / 2)
    desk.passes(BEAT / 2)
    assert server.asked == ["CONNECT", "HELLO", "CHECKOUT", "BEAT"]
    assert desk.said == ["drafter ann@pc1 works with seat 101"]


def test_it_waits_for_a_server_and_for_a_seat(server: Server, desk: Desk) -> None:
    server.answers = {}
    assert desk.holder.step() == AGAIN
    server.answers = {"HELLO": YES, "CHECKOUT": Reply(line("NO", code="NO-SEAT"))}
    desk.passes(AGAIN)
    desk.passes(AGAIN)
    assert desk.said == ["drafter ann@pc1 waits: it is down", "drafter ann@pc1 waits: NO-SEAT"]
    server.answers["CHECKOUT"] = GRANTED
    desk.passes(AGAIN)
    assert desk.works()


def test_cut_off_it_comes_back_to_its_seat(server: Server, desk: Desk) -> None:
    desk.holder.step()
    server.answers = {}
    desk.passes(BEAT)
    assert not desk.works()
    server.answers = {"RESUME": GRANTED, "BEAT": YES}
    desk.passes(AGAIN)
    assert desk.works()
    assert "RESUME t1" in server.asked


def test_a_server_that_goes_away_is_noticed_at_once(server: Server, desk: Desk) -> None:
    assert desk.watched() == 0
    desk.holder.step()
    assert desk.watched() == 1
    server.answers = {"RESUME": GRANTED}
    assert desk.holder.step(at_once=True) == AGAIN
    assert desk.watched() == 0
    desk.passes(AGAIN)
    assert desk.works()


def test_started_anew_it_remembers_its_seat(server: Server, desk: Desk) -> None:
    desk.holder.step()
    again = desk.begun()
    server.answers = {"RESUME": GRANTED}
    again.step()
    assert again.seated
    assert server.asked[-2:] == ["CONNECT", "RESUME t1"]


@pytest.mark.parametrize("how", ["beat", "resume"])
def test_a_seat_that_was_taken_away_is_lost_for_good(server: Server, desk: Desk, how: str) -> None:
    desk.holder.step()
    if how == "beat":
        server.answers["BEAT"] = Reply(line("OK"), (Line("LOST", {"handle": "101"}),))
        desk.passes(BEAT)
    else:
        server.answers = {"RESUME": Reply(line("NO", code="NO-SUCH-SEAT"))}
        desk.passes(BEAT)
        desk.passes(AGAIN)
    assert desk.holder.lost
    assert desk.said[-1] == "drafter ann@pc1 lost seat 101, and the work with it"
    asked = len(server.asked)
    server.answers = {"HELLO": YES, "CHECKOUT": GRANTED, "RESUME": GRANTED}
    desk.passes(BEAT)
    assert desk.begun().lost
    assert len(server.asked) == asked


def test_in_good_order_it_gives_the_seat_back(server: Server, desk: Desk) -> None:
    desk.holder.step()
    server.answers["CHECKIN"] = YES
    desk.holder.give_back()
    assert server.asked[-1] == "CHECKIN"
    assert not desk.file.exists()
    desk.begun().give_back()


@pytest.mark.parametrize("content", ["", "[]", '{"handle": "1", "token": "t"}', "\0"])
def test_a_file_that_says_nothing_is_no_seat(server: Server, desk: Desk, content: str) -> None:
    desk.file.write_text(content)
    assert desk.begun().handle is None
    assert server.asked == []


def test_what_it_remembers_is_its_handle_and_token(desk: Desk) -> None:
    desk.holder.step()
    assert json.loads(desk.file.read_text()) == {"handle": 101, "token": "t1"}
