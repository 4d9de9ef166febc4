"""What stands in force, whatever was entered since."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.entry import GRADINGS, START, Entry, Kind
from runner.ledger import Force, in_force
from tests.attempts import NOON

OTHERS = [Kind.DISPUTED, Kind.OVERRIDDEN, Kind.COSIGNED, Kind.REVOKED]


def entry(number: int, kind: Kind | str, about: int = 0, **body: object) -> Entry:
    """An entry, about another by its number."""
    graded = kind in GRADINGS
    said = ({"entry": str(UUID(int=about))} if about else {}) | body
    return Entry(
        sequence=number,
        id=UUID(int=number),
        kind=str(kind),
        made_at=NOON,
        apprentice="ada",
        code="4c",
        attempt_id=UUID(int=100 + number) if graded else None,
        body={} if graded else said,
        previous=START,
        key_id="",
    )


GRADED = entry(2, Kind.GRADED)
YES = {"demonstrated": True}
NO = {"demonstrated": False}


@pytest.mark.parametrize(
    ("later", "automatic", "stands"),
    [
        ([], True, True),
        ([], False, False),
        ([entry(3, Kind.OVERRIDDEN, 2, **YES)], False, True),
        ([entry(3, Kind.OVERRIDDEN, 2, **NO)], True, False),
        ([entry(3, Kind.OVERRIDDEN, 2, **NO), entry(4, Kind.OVERRIDDEN, 2, **YES)], False, True),
        ([entry(3, Kind.OVERRIDDEN, 2, **YES), entry(4, Kind.REVOKED, 3)], False, False),
        ([entry(3, Kind.REVOKED, 2)], True, False),
        ([entry(3, Kind.REVOKED, 2), entry(4, Kind.REVOKED, 3)], True, True),
        (
            [entry(3, Kind.REVOKED, 2), entry(4, Kind.REVOKED, 3), entry(5, Kind.REVOKED, 4)],
            True,
            False,
        ),
        ([entry(3, Kind.OVERRIDDEN, 2, **YES), entry(4, Kind.REVOKED, 2)], False, False),
        ([entry(3, Kind.DISPUTED, 2), entry(4, Kind.COSIGNED, 2)], False, False),
        ([entry(3, Kind.OVERRIDDEN, 9, **YES)], False, False),
        ([entry(3, Kind.OVERRIDDEN, 2, demonstrated="yes")], False, False),
        ([entry(3, "another", 2, **YES)], False, False),
    ],
)
def test_what_counts_as_demonstrated(later: list[Entry], *, automatic: bool, stands: bool) -> None:
    force = in_force([entry(1, Kind.OPENED), GRADED, *later])
    assert force.demonstrated(UUID(int=102), automatic=automatic) is stands


def test_what_was_entered_is_said_in_order_unless_it_was_revoked() -> None:
    later = [
        entry(3, Kind.DISPUTED, 2),
        entry(4, Kind.COSIGNED, 2),
        entry(5, Kind.OVERRIDDEN, 2, **YES),
        entry(6, Kind.REVOKED, 4),
        entry(7, Kind.COSIGNED, 2),
    ]
    force = in_force([GRADED, *later])
    assert [one.sequence for one in force.later(UUID(int=102))] == [3, 5, 7]
    assert force.gradings[UUID(int=102)].entry == GRADED


def test_what_was_seen_on_the_job_stands_until_it_is_revoked() -> None:
    seen = [entry(1, Kind.COSIGNED, observed="calls"), entry(2, Kind.COSIGNED, observed="rack")]
    assert in_force(seen).observed == tuple(seen)
    assert in_force([*seen, entry(3, Kind.REVOKED, 1)]).observed == (seen[1],)


def test_practice_demonstrates_nothing_where_it_does_not_count() -> None:
    handed_in = entry(5, Kind.SUBMITTED)
    later = [entry(4, Kind.OVERRIDDEN, 3, **YES), handed_in]
    force = in_force([GRADED, entry(3, Kind.GRADED), *later], practice_counts=False)
    assert not force.demonstrated(UUID(int=102), automatic=True)
    assert force.demonstrated(UUID(int=103), automatic=False)  # an instructor said so
    assert force.demonstrated(UUID(int=105), automatic=True)
    assert not force.demonstrated(UUID(int=105), automatic=False)
    assert not force.demonstrated(UUID(int=7), automatic=True)


def test_an_attempt_that_is_in_no_entry_counts_as_it_was_graded() -> None:
    assert Force().demonstrated(UUID(int=7), automatic=True)
    assert not Force().demonstrated(UUID(int=7), automatic=False)
    assert Force().later(UUID(int=7)) == ()


@given(
    st.lists(st.tuples(st.sampled_from(OTHERS), st.integers(1, 12), st.booleans()), max_size=10),
    st.booleans(),
)
def test_revoking_the_last_entry_takes_it_back(
    made: list[tuple[Kind, int, bool]],
    automatic: bool,  # noqa: FBT001 - hypothesis draws it
) -> None:
    later = [
        entry(number, kind, about, demonstrated=yes)
        for number, (kind, about, yes) in enumerate(made, start=3)
        if about < number
    ]
    before = in_force([GRADED, *later[:-1]])
    if later:
        last = later[-1].sequence
        after = in_force([GRADED, *later, entry(last + 1, Kind.REVOKED, last)])
        assert after.demonstrated(UUID(int=102), automatic=automatic) is before.demonstrated(
            UUID(int=102), automatic=automatic
        )
        assert after.later(UUID(int=102)) == before.later(UUID(int=102))
