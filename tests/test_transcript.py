"""How far an apprentice is: each state, what decides it, and what is told of it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from runner.entry import START, Entry, Kind
from runner.ledger import Force, Standing
from runner.transcript import TITLES, State, tally, transcript, transcript_rows, transcript_text
from runner.voice import Style
from tests.taken import LISTED, NOON, attempt, hostile, of_ada


def test_each_state_has_the_attempt_that_decides_it() -> None:
    tried = [
        attempt(1),
        attempt(2, demonstrated=True),
        attempt(3),
        attempt(4, "1b"),
        attempt(5, "1b"),
    ]
    found = {one.code: one for one in transcript("ada", tried, LISTED).results}
    assert [one.state for one in found.values()] == [
        State.DEMONSTRATED, State.IN_PROGRESS, State.NOT_YET,
    ]  # fmt: skip
    assert (found["1a"].attempt, found["1a"].attempts) == (tried[1], 3)  # the one that did it first
    assert (found["1b"].attempt, found["1b"].attempts) == (tried[4], 2)  # the latest
    assert found["1a"].demonstrated_at == tried[1].graded_at
    assert found["1b"].demonstrated_at is None
    assert (found["1a"].how, found["1b"].how) == ("practice", "")
    assert found["3a"].attempt is None


def test_what_was_assessed_counts_before_what_was_practised() -> None:
    practised, failed, assessed = (
        attempt(1, demonstrated=True),
        replace(attempt(2), mode="assessment"),
        replace(attempt(3, demonstrated=True), mode="assessment"),
    )
    one = transcript("ada", [practised, failed, assessed], LISTED).results[0]
    assert (one.attempt, one.how) == (assessed, "assessment")
    one = transcript("ada", [practised, failed], LISTED).results[0]
    assert (one.attempt, one.how) == (practised, "practice")


def test_what_others_did_is_theirs() -> None:
    found = transcript("bo", [attempt(1, demonstrated=True)], LISTED)
    assert {one.state for one in found.results} == {State.NOT_YET}


@pytest.mark.parametrize(
    ("code", "function"), [("9z", 9), ("77b", 77), ("100a", 0), ("9" * 5000, 0)]
)
def test_what_left_the_framework_stays_on_the_transcript(code: str, function: int) -> None:
    last = transcript("ada", [attempt(1, code, demonstrated=True)], LISTED).results[-1]
    assert (last.code, last.state) == (code, State.DEMONSTRATED)
    assert last.competency.function == function
    assert last.competency.title == f"Title of {code}"


def test_the_sum_tells_core_from_optional() -> None:
    assert (
        tally(of_ada().results)
        == "1 of 3 demonstrated (1 of 2 core, 0 of 1 optional), 1 in progress."
    )
    assert tally([]) == "0 of 0 demonstrated, 0 in progress."


def test_the_text_has_a_line_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    assert transcript_text(of_ada(), Style()) == (
        "  Code  State         Date        Score  Hints  Attempt   Competency\n"
        "\n"
        "1  Sets up workstations (Core)\n"
        "  1a    demonstrated  2026-03-02  6/6    2      00000000  Sets up devices\n"
        "  1b    not yet       -           -      -      -         Installs software\n"
        "\n"
        "3  Supports meetings (Optional)\n"
        "  3a    in progress   2026-03-02  3/6    3      00000000  Links projectors\n"
        "\n"
        "ada: 1 of 3 demonstrated (1 of 2 core, 0 of 1 optional), 1 in progress."
    )


def test_a_competency_that_differs_from_its_function_says_so() -> None:
    mixed = [LISTED[0], replace(LISTED[1], standing="Optional")]
    said = transcript_text(transcript("ada", [], mixed), Style())
    assert "1  Sets up workstations\n" in said
    assert "Sets up devices (Core)" in said
    assert "Installs software (Optional)" in said


def test_long_titles_are_cut_to_the_terminal() -> None:
    long = [replace(one, title="word " * 40) for one in LISTED]
    said = transcript_text(transcript("ada", [attempt(1)], long), Style(width=100))
    assert max(map(len, said.splitlines())) <= 100
    assert "..." in said


def test_nothing_hostile_steers_a_terminal() -> None:
    said = transcript_text(hostile(), Style())
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\x00"} & set(said)


def test_a_row_has_every_column() -> None:
    rows = [dict(zip(TITLES, row, strict=True)) for row in transcript_rows(of_ada())]
    assert [row["state"] for row in rows] == ["demonstrated", "not yet", "in progress"]
    assert rows[0]["demonstrated_at"] == rows[0]["graded_at"] == "2026-03-02T14:00:00+00:00"
    assert (rows[0]["points"], rows[0]["possible"], rows[0]["hints_used"]) == (6, 6, 2)
    assert rows[2]["demonstrated_at"] is None
    assert rows[2]["competency"] == "Links projectors"


def test_a_signature_is_told() -> None:
    (one,) = transcript("ada", [attempt(1, demonstrated=True)], LISTED[:1]).results
    signed = replace(of_ada(), results=(replace(one, signed_by="Grace", signed_at=NOON),))
    (row,) = (dict(zip(TITLES, row, strict=True)) for row in transcript_rows(signed))
    assert (row["signed_by"], row["signed_at"]) == ("Grace", NOON.isoformat())


def test_what_was_decided_and_signed_since_is_what_counts() -> None:
    revoked, overridden = attempt(1, demonstrated=True), attempt(2)
    force = Force(
        {
            revoked.id: Standing(_entered(2), revoked=_entered(3)),
            overridden.id: Standing(
                _entered(4),
                overridden=_entered(5, demonstrated=True),
                cosigned=(_entered(6, by="Grace"), _entered(7, by="Ito")),
            ),
        },
        observed=(_entered(8, by="Grace", code="3a"), _entered(9, by="Ito", code="1a")),
    )
    results = transcript("ada", [revoked, overridden], LISTED, force).results
    found = {one.code: (one.state, one.signed_by) for one in results}
    assert found["1a"] == (State.DEMONSTRATED, "Grace")
    assert found["3a"] == (State.OBSERVED, "Grace")
    assert results[0].attempt == overridden
    assert results[-1].demonstrated_at == NOON
    assert results[-1].how == "on the job"
    assert tally(results).startswith("1 of 3 demonstrated (1 of 2 core, 0 of 1 optional), 1 observ")
    alone = transcript("bo", [], LISTED, force)
    assert {one.state for one in alone.results} == {State.NOT_YET}  # it is ada's


def _entered(number: int, code: str = "1a", **body: object) -> Entry:
    return Entry(
        number, UUID(int=number), str(Kind.COSIGNED), NOON, "ada", code, None, body, START, ""
    )
