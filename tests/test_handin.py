"""An assessment in the ledger: begun once, its clock stopped and started again. No engine here."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from runner import assessment, handin, keys
from runner.assessment import NotNow
from runner.catalogue import Lab
from runner.engine import Engine
from runner.entry import Mode
from runner.errors import KeyUnavailable
from runner.record import open_record
from runner.session import Session, Tag
from tests import small_lab
from tests.attempts import attempt

TAG = Tag("ab12", "9a", "ada", 7, 3, "r", datetime.now(UTC), Mode.ASSESSMENT)
WORLD = Session(TAG, (), {})
NOBODY = cast("Engine", None)  # a world without hosts asks nothing of it


@pytest.fixture(autouse=True)
def _apart(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state folder of its own."""
    monkeypatch.setenv("LAB_STATE", str(data.parent / "state"))


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """The small lab on paper."""
    return small_lab.write(tmp_path)


def kinds() -> list[str]:
    """What the ledger has of ada."""
    with open_record() as record:
        return [one.kind for one in record.about("ada")]


def world(number: int) -> Session:
    """Another world of ada's."""
    return replace(WORLD, tag=replace(TAG, session=f"s{number}", seed=number))


def hand_in(found: Session, lab: Lab) -> None:
    """As `submit` keeps it."""
    begun = handin.sitting(found, lab).begun
    one = replace(
        attempt("ada", "9a"), id=assessment.submitted_id(begun.id), mode=str(Mode.ASSESSMENT)
    )
    with open_record() as record:
        record.append(one, key=keys.signing())


def test_the_clock_is_started_once(data: Path, lab: Lab) -> None:
    (data / "roster.yaml").write_text("people:\n  ada: {time: 1.5}\n", encoding="utf-8")
    first = handin.sitting(WORLD, lab)
    assert handin.sitting(WORLD, lab) == first
    assert kinds() == ["begun"]
    assert first.minutes == lab.form.minutes * 3 // 2
    assert first.begun.body["seed"] == "7"
    (data / "roster.yaml").write_text("people:\n  ada: {time: 3}\n", encoding="utf-8")
    assert handin.sitting(WORLD, lab).minutes == first.minutes


def test_the_clock_stands_and_goes_on(lab: Lab) -> None:
    handin.go_on(handin.sitting(WORLD, lab))
    assert kinds() == ["begun"]
    handin.pause(NOBODY, WORLD, handin.sitting(WORLD, lab), "could not be looked at: page" * 99)
    standing = handin.sitting(WORLD, lab)
    assert standing.paused is not None
    assert handin.seconds_left(WORLD, lab) is None
    handin.go_on(standing)
    left = handin.seconds_left(WORLD, lab)
    assert left is not None
    assert 0 < left <= lab.form.minutes * 60
    assert kinds() == ["begun", "paused", "resumed"]


def test_attempts_are_used_up_by_what_was_begun_or_handed_in(data: Path, lab: Lab) -> None:
    (data / "roster.yaml").write_text("labs:\n  9a: {attempts: 2}\n", encoding="utf-8")
    assert handin.begin_seed(lab, "ada") > 0
    hand_in(world(1), lab)
    handin.begin_seed(lab, "ada")
    of = handin.sitting(world(2), lab)
    with pytest.raises(NotNow, match="ada has made 2"):
        handin.begin_seed(lab, "ada")
    handin.begin_seed(lab, "bob")
    # The grader could not look, so it was no attempt.
    handin.pause(NOBODY, world(2), of, "broken")
    handin.begin_seed(lab, "ada")


def test_the_next_may_begin_after_the_waiting_time(data: Path, lab: Lab) -> None:
    (data / "roster.yaml").write_text("assessment: {wait: 60}\n", encoding="utf-8")
    hand_in(world(1), lab)
    with pytest.raises(NotNow, match="lie 60 minutes"):
        handin.begin_seed(lab, "ada")


def test_nobody_begins_what_could_not_be_signed(
    data: Path, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    handin.sitting(world(1), lab)
    (data / "keys" / "signing.pem").chmod(0o644)
    with pytest.raises(KeyUnavailable):
        handin.begin_seed(lab, "ada")
    # What runs goes on all the same.
    assert handin.seconds_left(world(1), lab) is not None
    monkeypatch.setenv("LAB_DATABASE_URL", f"sqlite:///{data}/no/records.sqlite")
    assert handin.seconds_left(world(1), lab) is None


def test_worlds_do_not_share_a_clock(lab: Lab) -> None:
    found = [handin.sitting(world(number), lab).begun.id for number in range(3)]
    assert all(one != other for one, other in itertools.combinations(found, 2))
    assert handin.sitting(world(0), lab).begun.made_at > TAG.started - timedelta(seconds=1)
