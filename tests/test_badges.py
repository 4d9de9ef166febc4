"""Badges: as Open Badges 3.0 asks, for what stands in force, and deaf to what is in them."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from runner import canonical, keys
from runner.badges import Holder, Issuer, badge
from runner.credential import did, proven
from runner.entry import START, Entry, Kind
from runner.keys import SigningKey
from runner.ledger import Force, in_force
from runner.transcript import Result, State, transcript
from runner.verdict import Outcome
from tests.documented import described, fields_of
from tests.published import BADGE, faults
from tests.taken import HOSTILE, LISTED, NOON, attempt

FRAMEWORK = "IT Generalist (RAPIDS 1059)"
ISSUER = Issuer("did:key:z6MkTest", "Works Ltd")
DONE = attempt(2, "1a", Outcome.PASSED, Outcome.PASSED, demonstrated=True)
TRIED = attempt(1, "1a", Outcome.PASSED, Outcome.FAILED)


def entry(number: int, kind: Kind, about: int = 0, **body: object) -> Entry:
    """An entry, a grading of attempt `number`, or about another by its number."""
    graded = kind is Kind.GRADED
    said = ({"entry": str(UUID(int=about))} if about else {}) | body
    return Entry(
        sequence=number,
        id=UUID(int=number),
        kind=str(kind),
        made_at=NOON,
        apprentice="ada",
        code="1a",
        attempt_id=UUID(int=number) if graded else None,
        body={} if graded else said,
        previous=START,
        key_id="",
        digest=f"{number:064x}",
    )


def result(force: Force) -> Result:
    """What ada's two attempts at 1a come to."""
    return transcript("ada", [TRIED, DONE], LISTED[:1], force).results[0]


def made(*later: Entry, holder: Holder | None = None) -> dict[str, Any] | None:
    """Ada's badge for 1a after what was entered later."""
    force = in_force([entry(1, Kind.GRADED), entry(2, Kind.GRADED), *later])
    who = holder or Holder("userName", "ada", "salt")
    return badge(result(force), force, who, ISSUER, FRAMEWORK)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    """A key that signs."""
    return keys.signing(tmp_path_factory.mktemp("keys"))


def test_a_badge_is_as_the_specification_and_our_page_have_it(key: SigningKey) -> None:
    found = made(entry(3, Kind.COSIGNED, 2, by="Grace H."))
    assert found
    signed = proven(found, key, NOON)
    assert faults(signed, BADGE) == []
    assert fields_of(signed) == described("records.md", "Badges")


def test_what_it_says() -> None:
    found = made()
    assert found
    assert found["validFrom"] == "2026-03-02T14:00:00.000000Z"
    assert found["issuer"]["name"] == "Works Ltd"
    achievement = found["credentialSubject"]["achievement"]
    assert achievement["criteria"]["narrative"].endswith(
        "Demonstrated in practice when all of these performance standards hold:"
        "\n\n- Standard 0 holds.\n- Standard 1 holds."
    )
    (alignment,) = achievement["alignment"]
    assert (alignment["targetCode"], alignment["targetName"], alignment["targetFramework"]) == (
        "1a", "Sets up devices", FRAMEWORK,
    )  # fmt: skip
    assert found["evidence"] == [
        {
            "id": UUID(int=2).urn,
            "type": ["Evidence"],
            "name": "Entry 2 of the ledger: graded",
            "description": f"SHA-256 {2:064x}",
        }
    ]


def test_a_pass_mark_below_all_is_told() -> None:
    force = in_force([entry(1, Kind.GRADED), entry(2, Kind.GRADED)])
    standing = force.gradings[DONE.id]
    handed_in = replace(standing.entry, body={"terms": {"pass_mark": 80}})
    force = Force({DONE.id: replace(standing, entry=handed_in)})
    assessed = replace(DONE, mode="assessment")
    one = transcript("ada", [assessed], LISTED[:1], force).results[0]
    found = badge(one, force, Holder("userName", "ada"), ISSUER, FRAMEWORK)
    assert found
    narrative = found["credentialSubject"]["achievement"]["criteria"]["narrative"]
    assert narrative.startswith(
        "Demonstrated in an assessment when at least 80 percent, by points,"
    )


def test_it_is_the_same_each_time_and_another_from_another_issuer() -> None:
    assert made() == made()
    force = in_force([entry(2, Kind.GRADED)])
    other = badge(result(force), force, Holder("userName", "ada"), Issuer("did:key:z6"), FRAMEWORK)
    here = made()
    assert other
    assert here
    assert other["id"] != here["id"]


@pytest.mark.parametrize(
    ("later", "numbers"),
    [
        ([], [2]),
        ([entry(3, Kind.DISPUTED, 2)], [2]),
        ([entry(3, Kind.COSIGNED, 2, by="G")], [2, 3]),
        ([entry(3, Kind.COSIGNED, 2, by="G"), entry(4, Kind.REVOKED, 3)], [2]),
        ([entry(3, Kind.COSIGNED, observed="calls", by="G")], [2, 3]),
        ([entry(3, Kind.REVOKED, 2)], None),
        ([entry(3, Kind.OVERRIDDEN, 2, demonstrated=False)], None),
        ([entry(3, Kind.OVERRIDDEN, 1, demonstrated=True)], [1, 3]),
        ([entry(3, Kind.OVERRIDDEN, 1, demonstrated=True), entry(4, Kind.REVOKED, 3)], [2]),
        ([entry(3, Kind.REVOKED, 2), entry(4, Kind.COSIGNED, observed="calls")], None),
    ],
)
def test_what_stands_in_force_is_what_counts(later: list[Entry], numbers: list[int] | None) -> None:
    found = made(*later)
    behind = [UUID(one["id"]).int for one in found["evidence"]] if found else None
    assert behind == numbers


def test_nothing_is_vouched_for_that_is_in_no_entry() -> None:
    found = result(Force())
    assert found.state is State.DEMONSTRATED
    assert badge(found, Force(), Holder("userName", "ada"), ISSUER, FRAMEWORK) is None


def test_who_it_is_of_can_be_compared_and_not_read() -> None:
    found = made(holder=Holder("emailAddress", "ada@example.org", "s1"))
    assert found
    (identity,) = found["credentialSubject"]["identifier"]
    digits = hashlib.sha256(b"ada@example.orgs1").hexdigest()
    assert identity["identityHash"] == f"sha256${digits}"
    assert (identity["hashed"], identity["salt"]) == (True, "s1")
    assert "ada" not in json.dumps(found)
    found = made(holder=Holder("userName", "ada"))
    assert found
    (identity,) = found["credentialSubject"]["identifier"]
    assert (identity["hashed"], identity["identityHash"], "salt" in identity) == (
        False, "ada", False,
    )  # fmt: skip


def test_hostile_text_is_shown_for_what_it_is(key: SigningKey) -> None:
    listed = replace(LISTED[0], title=HOSTILE, function_title=HOSTILE)
    verdicts = tuple(replace(one, standard=HOSTILE + "\n# *big* [x](y)") for one in DONE.verdicts)
    done = replace(DONE, title=HOSTILE, grader_revision=HOSTILE, verdicts=verdicts)
    force = in_force([entry(2, Kind.GRADED), entry(3, Kind.COSIGNED, 2, by=HOSTILE)])
    (found,) = transcript("ada", [done], [listed], force).results
    issuer = Issuer(did(key.public), HOSTILE)
    unsigned = badge(found, force, Holder("userName", "ada", "s"), issuer, HOSTILE)
    assert unsigned
    signed = proven(unsigned, key, NOON)
    assert canonical.loads(canonical.dumps(signed)) == signed
    assert faults(signed, BADGE) == []
    for text in texts(signed):
        assert not {unicodedata.category(c) for c in text.replace("\n", "")} & {"Cc", "Cf", "Cs"}
        assert len(text) < 10_000
    narrative = signed["credentialSubject"]["achievement"]["criteria"]["narrative"]
    assert narrative.count("\n") == 1 + len(verdicts)
    assert "\\<script" in narrative
    assert "\\# \\*big\\* \\[x\\](y)" in narrative


def texts(value: object) -> Iterator[str]:
    """Every text in it, keys too."""
    match value:
        case str():
            yield value
        case dict():
            yield from (text for pair in value.items() for one in pair for text in texts(one))
        case list():
            yield from (text for one in value for text in texts(one))


def test_the_field_tables_find_what_is_wrong() -> None:
    found = made()
    assert found
    assert faults(found, BADGE) == [".proof is missing"]
    said = faults(found | {"validFrom": "2026-03-02T14:00:00", "x": 1, "proof": 1}, BADGE)
    assert said[0].startswith(".validFrom: ")
    assert said[1:] == [".x is not in the specification", ".proof: 1"]
