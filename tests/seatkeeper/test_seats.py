"""Seats: given, kept, lost, free again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.images.licences.seatkeeper import licence, options, seats
from infra.images.licences.seatkeeper.licence import Shelf
from infra.images.licences.seatkeeper.seats import Refusal, Register, Seat
from tests.seatkeeper import vendor


def register(number: int = 2, text: str = "") -> Register:
    return Register(Shelf({"drafter": vendor.licence(seats=number)}), options.parsed(text))


def taken(there: Register, user: str, host: str = "pc1", now: float = 1.0) -> Seat:
    found = there.take("drafter", user, host, f"token-{user}", now)
    assert isinstance(found, Seat), found
    return found


def test_as_many_as_are_licensed() -> None:
    there = register(2)
    first = taken(there, "ann")
    taken(there, "bob")
    assert there.take("drafter", "eve", "pc1", "t", 1) is Refusal.NO_SEAT
    assert there.give_back(first.handle) == first
    assert taken(there, "eve").handle > first.handle
    assert there.taken() == {"drafter": 2}


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        (licence.Fault.EXPIRED, Refusal.EXPIRED),
        (licence.Fault.EARLY, Refusal.NOT_YET),
        (licence.Fault.HOST, Refusal.WRONG_HOST),
        (licence.Fault.SIGNATURE, Refusal.BAD_SIGNATURE),
    ],
)
def test_a_licence_that_does_not_count_gives_none(fault: licence.Fault, refusal: Refusal) -> None:
    there = Register(Shelf({}, {"drafter": fault}))
    assert there.take("drafter", "ann", "pc1", "t", 1) is refusal
    assert there.fault("drafter") is refusal
    assert there.take("other", "ann", "pc1", "t", 1) is Refusal.NO_FEATURE


def test_who_may_not_is_told_so_even_where_no_seat_is_free() -> None:
    there = register(1, "INCLUDE drafter USER ann")
    assert there.take("drafter", "zoe", "pc1", "t", 1) is Refusal.NOT_ALLOWED
    taken(there, "ann")
    assert there.take("drafter", "zoe", "pc1", "t", 1) is Refusal.NOT_ALLOWED


def test_a_limit_refuses_although_a_seat_is_free() -> None:
    there = register(5, "MAX 1 drafter USER ann")
    taken(there, "ann")
    assert there.take("drafter", "ann", "pc2", "t", 1) is Refusal.LIMIT
    taken(there, "bob")


def test_a_reserved_seat_is_there_for_whom_it_is() -> None:
    there = register(2, "RESERVE 1 drafter USER carl")
    taken(there, "ann")
    assert there.take("drafter", "bob", "pc1", "t", 1) is Refusal.NO_SEAT
    taken(there, "carl")
    assert there.take("drafter", "carl", "pc1", "t", 1) is Refusal.NO_SEAT


def test_a_lost_seat_is_taken_until_it_has_lingered() -> None:
    there = register(1, "LINGER drafter 60")
    seat = taken(there, "ann")
    lost = there.lose(seat.handle, 100)
    assert lost is not None
    assert (lost.lost, lost.until) == (100, 160)
    assert there.lose(seat.handle, 150) is None
    assert there.lapse(159) == ()
    assert there.take("drafter", "bob", "pc1", "t", 159) is Refusal.NO_SEAT
    assert there.lapse(160) == (lost,)
    taken(there, "bob")


def test_where_nothing_is_settled_it_lingers_for_good() -> None:
    there = register(1)
    there.lose(taken(there, "ann").handle, 100)
    assert there.lapse(1e12) == ()
    # How long is settled when it is lost, not later.
    there.options = options.parsed("LINGER drafter 60")
    assert there.lapse(1e12) == ()


def test_who_comes_back_has_it_again_with_its_token_only() -> None:
    there = register(1)
    seat = taken(there, "ann")
    there.lose(seat.handle, 100)
    assert there.resume(seat.handle, "another") is None
    assert there.resume(seat.handle + 1, "token-ann") is None
    assert there.resume(seat.handle, "token-ann") == seat
    there.shelf = Shelf({}, {"drafter": licence.Fault.EXPIRED})
    there.lose(seat.handle, 100)
    assert there.resume(seat.handle, "token-ann") == seat


def test_what_was_written_down_is_recalled_as_lost() -> None:
    there = register(3)
    ann, bob = taken(there, "ann"), taken(there, "bob")
    there.lose(ann.handle, 50)
    again = register(3, "LINGER drafter 10")
    seats.recalled(again, seats.written(there), 100)
    assert again.held[ann.handle].lost == 50
    assert again.held[ann.handle].until is None
    assert (again.held[bob.handle].lost, again.held[bob.handle].until) == (100, 110)
    assert taken(again, "eve").handle == bob.handle + 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"last": "7", "seats": []}',
        '{"last": 7, "seats": [7]}',
        '{"last": 7, "seats": [{"handle": 1}]}',
        (
            '{"last": 7, "seats": [{"handle": 1, "feature": "a b", "user": "u", "host": "h", '
            '"token": "t", "since": 1, "lost": null, "until": null}]}'
        ),
    ],
)
def test_what_is_no_list_of_seats_is_refused(text: str) -> None:
    there = register()
    with pytest.raises(ValueError):  # noqa: PT011 - json raises its own kind
        seats.recalled(there, text, 1)
    assert there.held == {}


@settings(max_examples=40)
@given(st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_no_content_of_a_file_upsets_it(content: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        seats.recalled(register(), json.dumps(content), 1)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["take", "give", "lose", "lapse", "resume"]),
            st.sampled_from(["ann", "bob", "carl", "zoe"]),
            st.integers(101, 112),
        ),
        max_size=40,
    )
)
def test_never_more_seats_than_licensed_whatever_happens(
    steps: list[tuple[str, str, int]],
) -> None:
    there = register(3, "RESERVE 1 drafter USER carl\nLINGER drafter 5")
    for now, (what, user, handle) in enumerate(steps):
        if what == "take":
            there.take("drafter", user, "pc1", f"token-{user}", now)
        elif what == "give":
            there.give_back(handle)
        elif what == "lose":
            there.lose(handle, now)
        elif what == "lapse":
            there.lapse(now)
        else:
            there.resume(handle, f"token-{user}")
        holders = there.of("drafter")
        assert len(holders) <= 3
        assert sum(one.user != "carl" for one in holders) <= 2


def test_the_token_is_not_shown() -> None:
    assert "token-ann" not in repr(taken(register(), "ann"))
