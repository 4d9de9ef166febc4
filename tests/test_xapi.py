"""Statements of xAPI: as the specification asks, told once and for good."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from runner.entry import Entry, Kind
from runner.ledger import in_force
from runner.record import Attempt
from runner.taxonomy import competency_id
from runner.verdict import Outcome
from runner.xapi import Source, statements
from tests.documented import described, fields_of
from tests.published import STATEMENT, faults
from tests.taken import HOSTILE, attempt
from tests.test_badges import entry, texts

SOURCE = Source("https://lab.example/", "IT Generalist (RAPIDS 1059)", {"1a": "Sets up devices"})
TRIED = attempt(1, "1a", Outcome.FAILED)
DONE = attempt(2, "1a", Outcome.PASSED, demonstrated=True)
REVOKED = entry(3, Kind.REVOKED, 2, by="M. Ito", reason="copied")
FOR_ADA = entry(4, Kind.OVERRIDDEN, 1, by="M. Ito", reason="seen", demonstrated=True)
AGAINST = entry(5, Kind.OVERRIDDEN, 2, by="M. Ito", demonstrated=False)


def told(*later: Entry, of: tuple[Attempt, ...] = (TRIED, DONE)) -> list[dict[str, Any]]:
    """The statements after what was entered later."""
    force = in_force([entry(1, Kind.GRADED), entry(2, Kind.GRADED), *later])
    return list(statements(of, force, SOURCE))


def test_statements_are_as_the_specification_and_our_page_have_them() -> None:
    found = told(REVOKED, FOR_ADA)
    assert [faults(one, STATEMENT) for one in found] == [[]] * 4
    assert fields_of(found) == described("records.md", "Statements of xAPI")


@pytest.mark.parametrize(
    ("later", "verbs"),
    [
        ([], ["attempted", "passed"]),
        ([entry(3, Kind.DISPUTED, 2), entry(4, Kind.COSIGNED, 2)], ["attempted", "passed"]),
        ([REVOKED], ["attempted", "passed", "voided"]),
        ([FOR_ADA], ["attempted", "passed", "passed"]),
        ([AGAINST], ["attempted", "passed", "failed"]),
        ([AGAINST, entry(6, Kind.REVOKED, 5)], ["attempted", "passed"]),
        ([AGAINST, REVOKED], ["attempted", "passed", "failed", "voided", "voided"]),
        ([REVOKED, entry(6, Kind.REVOKED, 3)], ["attempted", "passed"]),
    ],
)
def test_what_was_decided_later_is_a_statement_of_its_own(
    later: list[Entry], verbs: list[str]
) -> None:
    found = told(*later)
    assert [one["verb"]["display"]["en"] for one in found] == verbs
    assert found[0]["verb"]["id"] == "http://adlnet.gov/expapi/verbs/attempted"
    ids = [one["id"] for one in found]
    assert len(set(ids)) == len(ids)
    voided = {one["object"]["id"] for one in found if one["verb"]["display"]["en"] == "voided"}
    assert voided <= set(ids)


def test_an_assessment_that_did_not_demonstrate_it_is_a_failure() -> None:
    (found,) = told(of=(replace(TRIED, mode="assessment"),))
    assert found["verb"]["display"]["en"] == "failed"
    (mode,) = found["context"]["contextActivities"]["category"]
    assert mode["definition"]["name"]["en"] == "assessment"


def test_a_grading_is_told_the_same_whatever_comes_later() -> None:
    first, second = told()
    assert [one for one in told(REVOKED, FOR_ADA, AGAINST) if one in (first, second)] == [
        first, second,
    ]  # fmt: skip


def test_what_a_statement_says() -> None:
    _, done = told()
    assert done["id"] == str(UUID(int=2))
    assert done["actor"]["account"] == {"homePage": "https://lab.example/", "name": "ada"}
    assert done["object"]["id"] == competency_id(SOURCE.framework, "1a", "Sets up devices").urn
    assert done["result"] == {
        "success": True,
        "score": {"raw": 6, "min": 0, "max": 6, "scaled": 1.0},
        "duration": "PT2H0M0S",
    }
    assert done["context"]["platform"] == "lab 0.1.0, docker 20.10"
    (mode,) = done["context"]["contextActivities"]["category"]
    assert mode["definition"]["name"]["en"] == "practice"
    assert done["timestamp"] == "2026-03-02T14:00:00.000000Z"


def test_an_override_names_who_decided_why_and_about_what() -> None:
    found = told(FOR_ADA)[1]
    assert found["result"] == {"success": True, "response": "seen"}
    assert found["context"]["instructor"]["account"]["name"] == "M. Ito"
    assert found["context"]["statement"]["id"] == str(TRIED.id)


@pytest.mark.parametrize(
    ("change", "absent"),
    [
        ({"points": 0, "possible": 0}, "score"),
        ({"points": 7}, "score"),
        ({"started_at": TRIED.graded_at + timedelta(seconds=1)}, "duration"),
    ],
)
def test_what_makes_no_sense_is_left_out(change: dict[str, Any], absent: str) -> None:
    (found,) = told(of=(replace(TRIED, **change),))
    assert absent not in found["result"]
    assert faults(found, STATEMENT) == []


def test_hostile_text_is_shown_for_what_it_is() -> None:
    evil = replace(
        DONE, apprentice=HOSTILE, title=HOSTILE, code=HOSTILE, engine=HOSTILE,
        lab_revision=HOSTILE, program_version=HOSTILE,
    )  # fmt: skip
    against = entry(5, Kind.OVERRIDDEN, 2, by=HOSTILE, reason=HOSTILE, demonstrated=False)
    found = told(against, replace(REVOKED, body={**REVOKED.body, "by": HOSTILE}), of=(evil,))
    assert [faults(one, STATEMENT) for one in found] == [[]] * 4
    json.dumps(found, ensure_ascii=False).encode()  # no half of a character is left
    assert all(text.isprintable() for text in texts(found))
