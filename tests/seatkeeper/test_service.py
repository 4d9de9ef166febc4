"""What the service answers, request by request."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from infra.images.licences.seatkeeper.options import Unreadable
from infra.images.licences.seatkeeper.protocol import Malformed, Reply, line
from infra.images.licences.seatkeeper.service import EACH, Caller, Places, Service
from tests.seatkeeper import vendor


@dataclass
class Office:
    """A service with clock, calendar and log of a test's own."""

    folder: Path
    clock: float = 1000.0
    day: date = vendor.TODAY
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        licences, vendors = vendor.shelf(self.folder, a=vendor.text(vendor.licence(seats=2)))
        (self.folder / "hostid").write_text(f"{vendor.HOST_ID}\n")
        state = self.folder / "state.json"
        self.places = Places(
            self.folder / "hostid", licences, self.folder / "options", vendors, state
        )
        self.service = self.started()

    def started(self) -> Service:
        """The service, as it starts with what lies in the folder."""
        return Service(
            self.places, self.heard.append, now=lambda: self.clock, today=lambda: self.day
        )

    def caller(self, user: str, host: str = "pc1") -> Caller:
        """Somebody who has said hello."""
        one = Caller()
        assert self.ask(one, "HELLO", user=user, host=host).ok
        return one

    def ask(self, caller: Caller, word: str, **fields: object) -> Reply:
        """The answer to one request."""
        return self.service.answer(caller, line(word, **fields))

    def out(self, caller: Caller) -> int:
        """The handle of a seat that was granted."""
        reply = self.ask(caller, "CHECKOUT", feature="drafter")
        assert reply.ok, reply
        return reply.last.number("handle")


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_a_seat_is_granted_and_given_back(office: Office) -> None:
    ann = office.caller("ann")
    reply = office.ask(ann, "CHECKOUT", feature="drafter")
    assert reply.last.get("expires") == "2026-12-31"
    handle = reply.last.number("handle")
    assert office.ask(ann, "CHECKIN", handle=handle).ok
    assert office.ask(ann, "CHECKIN", handle=handle).code == "NO-SUCH-SEAT"
    assert office.heard[-2:] == [
        f"OUT drafter ann@pc1 [{handle}]",
        f"IN drafter ann@pc1 [{handle}]",
    ]


def test_a_refusal_says_why_and_is_noted(office: Office) -> None:
    ann = office.caller("ann")
    office.out(ann)
    office.out(ann)
    assert office.ask(ann, "CHECKOUT", feature="drafter").code == "NO-SEAT"
    assert office.ask(ann, "CHECKOUT", feature="other").code == "NO-FEATURE"
    assert "DENIED drafter ann@pc1 (NO-SEAT)" in office.heard


def test_nobody_gives_back_what_somebody_else_has(office: Office) -> None:
    handle = office.out(office.caller("ann"))
    assert office.ask(office.caller("bob"), "CHECKIN", handle=handle).code == "NO-SUCH-SEAT"


def test_a_client_that_is_gone_keeps_its_seat_and_comes_back(office: Office) -> None:
    ann = office.caller("ann")
    reply = office.ask(ann, "CHECKOUT", feature="drafter")
    handle, token = reply.last.number("handle"), reply.last.get("token")
    office.service.gone(ann)
    assert any(one.fields.get("lost") for one in office.ask(Caller(), "STATUS").before)
    again = Caller()
    assert office.ask(again, "RESUME", handle=handle, token="x").code == "NO-SUCH-SEAT"
    assert office.ask(again, "RESUME", handle=handle, token=token).ok
    assert office.ask(again, "BEAT").before == ()
    assert office.ask(again, "CHECKIN", handle=handle).ok


def test_a_seat_that_was_resumed_is_not_lost_with_the_old_connection(office: Office) -> None:
    ann = office.caller("ann")
    reply = office.ask(ann, "CHECKOUT", feature="drafter")
    again = Caller()
    handle = reply.last.number("handle")
    assert office.ask(again, "RESUME", handle=handle, token=reply.last.get("token")).ok
    office.service.gone(ann)
    assert office.service.register.held[handle].lost is None


def test_a_restart_loses_no_seat(office: Office) -> None:
    reply = office.ask(office.caller("ann"), "CHECKOUT", feature="drafter")
    office.service = office.started()
    seat = (reply.last.number("handle"), reply.last.get("token"))
    assert office.ask(Caller(), "RESUME", handle=seat[0], token=seat[1]).ok


def test_a_state_that_cannot_be_read_is_noted(office: Office) -> None:
    office.places.state.write_text("{")
    office.service = office.started()
    assert any(one.startswith("the seats of before cannot be read") for one in office.heard)
    office.out(office.caller("ann"))
    assert json.loads(office.places.state.read_text())["seats"]


def test_only_an_administrator_removes_a_seat_and_its_client_is_told(office: Office) -> None:
    ann = office.caller("ann")
    handle = office.out(ann)
    assert office.ask(ann, "REMOVE", handle=handle).code == "NOT-ALLOWED"
    assert office.ask(ann, "REREAD").code == "NOT-ALLOWED"
    root = Caller(administrator=True)
    assert office.ask(root, "REMOVE", handle=handle).ok
    assert office.ask(root, "REMOVE", handle=handle).code == "NO-SUCH-SEAT"
    assert office.ask(ann, "BEAT").before == (line("LOST", handle=handle),)
    assert office.ask(ann, "BEAT").before == ()


def test_a_renewal_counts_once_it_is_reread(office: Office) -> None:
    renewal = vendor.licence(seats=9, expires=date(2027, 12, 31))
    (office.places.licences / "b.lic").write_text(vendor.text(renewal))
    root = Caller(administrator=True)
    assert "seats=2" in str(office.ask(root, "STATUS").before[0].fields) or (
        office.ask(root, "STATUS").before[0].get("seats") == "2"
    )
    reply = office.ask(root, "REREAD")
    assert [one.get("text") for one in reply.before] == [
        "a.lic: drafter 2 seats until 2026-12-31: ok",
        "b.lic: drafter 9 seats until 2027-12-31: ok",
    ]
    status = office.ask(root, "STATUS").before[0]
    assert (status.get("seats"), status.get("expires")) == ("9", "2027-12-31")


def test_options_that_cannot_be_read_change_nothing(office: Office) -> None:
    office.places.options.write_text("INCLUDE drafter USER ann\n")
    root = Caller(administrator=True)
    assert office.ask(root, "REREAD").ok
    office.places.options.write_text("INCLUDE drafter USER ann bob\n")
    reply = office.ask(root, "REREAD")
    assert reply.code == "UNREADABLE"
    assert "is no rule" in reply.before[0].get("text")
    bob = office.caller("bob")
    assert office.ask(bob, "CHECKOUT", feature="drafter").code == "NOT-ALLOWED"


def test_it_does_not_start_without_knowing_who_may(office: Office) -> None:
    office.places.options.write_text("NONSENSE\n")
    with pytest.raises(Unreadable):
        office.started()


def test_time_frees_what_has_lingered_and_ends_licences(office: Office) -> None:
    office.places.options.write_text("LINGER drafter 60\n")
    assert office.ask(Caller(administrator=True), "REREAD").ok
    ann = office.caller("ann")
    handle = office.out(ann)
    office.service.gone(ann)
    office.clock += 59
    assert handle in office.service.register.held
    office.clock += 1
    office.service.tick()
    assert handle not in office.service.register.held
    assert office.heard[-1] == f"FREED drafter ann@pc1 [{handle}]"
    office.day = date(2027, 1, 1)
    assert office.ask(office.caller("ann"), "CHECKOUT", feature="drafter").code == "EXPIRED"


def test_the_state_of_things(office: Office) -> None:
    office.places.options.write_text("LINGER drafter 60\n")
    (office.places.licences / "b.lic").write_text(
        vendor.text(vendor.licence("render", expires=date(2026, 1, 31)))
    )
    assert office.ask(Caller(administrator=True), "REREAD").ok
    handle = office.out(office.caller("ann"))
    drafter, seat, render = office.ask(Caller(), "STATUS").before
    assert drafter.fields == {
        "name": "drafter",
        "seats": "2",
        "used": "1",
        "expires": "2026-12-31",
        "linger": "60",
    }
    assert seat.fields == {
        "feature": "drafter",
        "handle": str(handle),
        "user": "ann",
        "host": "pc1",
        "since": "1000",
    }
    assert render.fields == {"name": "render", "seats": "0", "used": "0", "fault": "EXPIRED"}


def test_one_connection_holds_so_many_and_no_more(office: Office) -> None:
    (office.places.licences / "a.lic").write_text(vendor.text(vendor.licence(seats=99)))
    assert office.ask(Caller(administrator=True), "REREAD").ok
    ann = office.caller("ann")
    for _ in range(EACH):
        office.out(ann)
    assert office.ask(ann, "CHECKOUT", feature="drafter").code == "LIMIT"


def test_a_disk_that_is_full_keeps_nobody_from_working(office: Office) -> None:
    office.places.state.with_name("state.json.new").mkdir()
    office.out(office.caller("ann"))
    assert any(one.startswith("the seats cannot be written down") for one in office.heard)


def test_a_machine_without_an_id_has_no_licence(office: Office) -> None:
    office.places.host_id.unlink()
    office.service = office.started()
    assert office.ask(office.caller("ann"), "CHECKOUT", feature="drafter").code == "WRONG-HOST"


@pytest.mark.parametrize(
    ("word", "fields"),
    [
        ("CHECKOUT", {"feature": "drafter"}),
        ("HELLO", {"user": "ann"}),
        ("HELLO", {"user": "a;b", "host": "pc1"}),
        ("CHECKIN", {"handle": "x"}),
        ("RESUME", {"handle": "101"}),
        ("SHUTDOWN", {}),
        ("LOST", {"handle": "101"}),
    ],
)
def test_what_is_no_request_is_malformed(office: Office, word: str, fields: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        office.ask(Caller(), word, **fields)
