"""Lines of the protocol, written and read."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.images.licences.seatkeeper import protocol
from infra.images.licences.seatkeeper.protocol import LONGEST, Line, Malformed, line


def test_what_is_written_is_read_again() -> None:
    one = line("CHECKOUT", feature="drafter", handle=7, nothing=None)
    assert protocol.written(one) == b"CHECKOUT feature=drafter handle=7\n"
    assert protocol.read(protocol.written(one)[:-1]) == one
    assert protocol.written(one, more=True).startswith(b"* CHECKOUT ")


def test_a_note_is_free_text() -> None:
    note = line("NOTE", text="a.lic: drafter 3 seats: the licence ist\nübel\x1b[2J")
    raw = protocol.written(note)
    assert raw == b"NOTE a.lic: drafter 3 seats: the licence ist??bel?[2J\n"
    assert protocol.read(raw[:-1]).fields["text"].startswith("a.lic: drafter 3 seats")
    assert len(protocol.written(line("NOTE", text="x" * 9999))) < LONGEST


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"   ",
        b"hello user=ann",
        b"HELLO user",
        b"HELLO user=ann user=bob",
        b"HELLO =ann",
        b"HELLO user=",
        b"HELLO user=\xff",
        b"HELLO USER=ann",
        b"A" * 11,
        b"HELLO user=" + b"a" * 201,
        b"GET / HTTP/1.1",
        b"\x16\x03\x01\x02\x00",
    ],
)
def test_what_is_no_line_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        protocol.read(raw)


@given(st.binary(max_size=600))
def test_any_bytes_are_a_line_or_malformed(raw: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(protocol.read(raw), Line)


def test_fields_are_asked_for_by_name() -> None:
    one = line("CHECKIN", handle="12", user="ann")
    assert one.number("handle") == 12
    for wrong in ("user", "none"):
        with pytest.raises(Malformed):
            one.number(wrong)
