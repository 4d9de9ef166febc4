"""Gradings and records as they are told: to a person in words, to a program as documented."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from runner.assessment import Sitting
from runner.entry import Entry, Kind, Mode
from runner.errors import Exit
from runner.images import ImageState
from runner.ledger import in_force
from runner.record import Attempt
from runner.report import (
    Graded,
    graded_data,
    graded_text,
    only_standards,
    recorded_data,
    recorded_text,
    standards_text,
)
from runner.session import Container, Session, Tag
from runner.transcript import transcript_data
from runner.verbs_machine import images_data
from runner.verdict import Evidence, Grade, Outcome, Verdict
from runner.voice import Style
from runner.worlds import worlds_data, worlds_text
from tests.documented import fields_of, paths_in
from tests.taken import of_ada

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TERMINAL = Style(colour=True, boxes=True, width=80)

PASSED = Verdict("answers", "The intranet answers.", Outcome.PASSED, points=3, after_restart=True)
FAILED = Verdict(
    "closed",
    "SSH is closed to the outside.",
    Outcome.FAILED,
    points=2,
    reason="port 22 answered",
    hint="which chain sees it?",
    evidence=(Evidence("outside", "root", "nc -z web 22", 0, "open", 0.1),),
)
BLOCKED = Verdict(
    "later", "Later.", Outcome.BLOCKED, points=1, reason="waits for: SSH is closed to the outside."
)
BROKEN = Verdict(
    "odd", "Odd.", Outcome.BROKEN, points=1, reason="KeyError: 'x'", where="graders/g.py:7"
)
GUARD = Verdict("kept", "The boss keeps the account.", Outcome.PASSED, guard=True)


def graded(
    *verdicts: Verdict, recorded: str = "id", unrecorded: str = "", remedy: str = ""
) -> Graded:
    """A grading of these verdicts."""
    return Graded(
        Grade("4c", verdicts, 1.25), "Installs security", "ada", 7, 1 if recorded else None,
        recorded=recorded, unrecorded=unrecorded, remedy=remedy,
    )  # fmt: skip


def test_not_yet_says_what_was_observed_and_where_to_look() -> None:
    assert graded_text(graded(PASSED, FAILED, BLOCKED, GUARD), Style()) == (
        "4c  Installs security\n"
        "\n"
        "Outcome  Points  Standard\n"
        "PASSED      3/3  The intranet answers.\n"
        "                 also after a restart\n"
        "FAILED      0/2  SSH is closed to the outside.\n"
        "                 observed: port 22 answered\n"
        "                 hint: which chain sees it?\n"
        "BLOCKED     0/1  Later.\n"
        "                 waits for: SSH is closed to the outside.\n"
        "\n"
        "Outcome  Must stay true\n"
        "PASSED   The boss keeps the account.\n"
        "\n"
        "3 of 6 points, in 1.2 s.\n"
        "Not yet: 1 standard not met, 1 blocked by another.\n"
        "Kept in the record of ada, with 1 hint used."
    )


def test_demonstrated_is_said_in_so_many_words() -> None:
    said = graded_text(graded(PASSED, GUARD), Style())
    assert "3 of 3 points, in 1.2 s.\nCompetency 4c demonstrated.\n" in said
    assert "Not yet" not in said


def test_broken_is_nobodys_fault_and_says_what_helps() -> None:
    said = graded_text(graded(PASSED, BROKEN, recorded=""), Style())
    assert (
        "BROKEN      0/1  Odd.\n"
        "                 KeyError: 'x'\n"
        "                 the grader failed at graders/g.py:7\n"
    ) in said
    assert said.endswith(
        "Not yet: 1 could not be looked at.\n"
        "BROKEN means that the grader could not look. This is not your fault: it counts neither for"
        " nor against you and is not recorded.\n"
        "What helps: ./lab start 4c switches on what is off; ./lab doctor looks at the machine;"
        " ./lab reset 4c builds the world anew, without the work in it."
    )


def test_evidence_is_shown_when_asked_for() -> None:
    said = graded_text(graded(FAILED), Style(), evidence=True)
    assert "[root@outside] nc -z web 22 -> status 0: open" in said
    assert "nc -z" not in graded_text(graded(FAILED), Style())


@pytest.mark.parametrize("outcome", Outcome)
def test_the_outcome_is_a_word_also_where_there_is_colour(outcome: Outcome) -> None:
    said = graded_text(graded(replace(FAILED, outcome=outcome)), TERMINAL)
    assert str(outcome) in said
    assert "\x1b[" in said
    assert "╭" in said


def test_lines_fit_the_terminal() -> None:
    long = replace(FAILED, reason="nothing " * 60, standard="Something " * 20)
    said = graded_text(graded(long, GUARD), replace(TERMINAL, colour=False))
    assert max(map(len, said.splitlines())) <= 80


@pytest.mark.parametrize("style", [Style(), TERMINAL, Style(width=60)])
def test_a_host_cannot_steer_the_terminal_through_a_verdict(style: Style) -> None:
    evil = "\x1b]0;title\x07\x1b[2J\x9b31m\r\x08\u202eexe"
    verdict = replace(
        FAILED, reason=evil, hint=evil, evidence=(Evidence(evil, evil, evil, 1, evil, 0.0),)
    )
    said = graded_text(graded(verdict), replace(style, colour=False), evidence=True)
    assert not {"\x1b", "\x07", "\x9b", "\r", "\x08", "\u202e"} & set(said)


def test_what_was_not_kept_is_not_demonstrated() -> None:
    one = graded(PASSED, recorded="", unrecorded="the disk is full")
    assert one.exit is Exit.NOT_GRADED
    data = graded_data(one)
    assert (data["recorded"], data["unrecorded"], data["exit"]) == (None, "the disk is full", 3)
    assert graded(PASSED).exit is Exit.DEMONSTRATED
    assert graded(FAILED).exit is Exit.NOT_YET


# --- the record ---------------------------------------------------------------------------------


def attempt(number: int, *, demonstrated: bool, apprentice: str = "ada") -> Attempt:
    """An attempt as it is kept."""
    return Attempt(
        id=UUID(int=number),
        apprentice=apprentice,
        code="4c",
        title="Installs security",
        seed=7,
        session="s",
        started_at=NOON,
        graded_at=NOON + timedelta(hours=number),
        demonstrated=demonstrated,
        points=3,
        possible=6,
        hints_used=1,
        program_version="0.1.0",
        lab_revision="a",
        grader_revision="b",
        engine="docker 20.10",
        verdicts=(FAILED,),
    )


ATTEMPTS = [
    attempt(1, demonstrated=False),
    attempt(2, demonstrated=True),
    attempt(3, demonstrated=True),
]


def test_the_record_shows_attempts_and_what_they_demonstrated_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    assert recorded_text(ATTEMPTS, Style()) == (
        "When              Code  Mode      Result        Points  Hints  Seed\n"
        "2026-03-02 13:00  4c    practice  not yet          3/6      1  7\n"
        "2026-03-02 14:00  4c    practice  demonstrated     3/6      1  7\n"
        "2026-03-02 15:00  4c    practice  demonstrated     3/6      1  7\n"
        "\n"
        "Demonstrated:\n"
        "  4c  Installs security (2026-03-02 14:00)"
    )
    assert "Nothing is demonstrated yet." in recorded_text(ATTEMPTS[:1], Style())


def entered(kind: Kind, number: int, **body: object) -> Entry:
    """An entry about the grading of the second attempt, or about nothing."""
    graded = kind is Kind.GRADED
    body = {"entry": str(UUID(int=2)), "by": "M. Ito", "reason": "seen"} | body
    return Entry(
        sequence=number,
        id=UUID(int=number),
        kind=str(kind),
        made_at=NOON + timedelta(days=1),
        apprentice="ada",
        code="4c",
        attempt_id=UUID(int=number) if graded else None,
        body={} if graded else body,
        previous="",
        key_id="",
    )


def test_what_was_entered_since_decides_what_is_demonstrated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    force = in_force(
        [
            entered(Kind.GRADED, 2),
            entered(Kind.GRADED, 1),
            entered(Kind.DISPUTED, 4, entry=str(UUID(int=1)), check="closed"),
            entered(Kind.OVERRIDDEN, 5, entry=str(UUID(int=1)), demonstrated=True),
            entered(Kind.REVOKED, 6),
            entered(Kind.COSIGNED, 7, observed="took \x1b[2Jcalls", entry=""),
        ]
    )
    assert recorded_text(ATTEMPTS[:2], Style(), force) == (
        "When              Code  Mode      Result                                       Points"
        "  Hints  Seed  Entry\n"
        "2026-03-02 13:00  4c    practice  not yet, disputed, overridden: demonstrated     3/6"
        "      1  7         1\n"
        "2026-03-02 14:00  4c    practice  demonstrated, revoked                           3/6"
        "      1  7         2\n"
        "\n"
        "Demonstrated:\n"
        "  4c  Installs security (2026-03-02 13:00)\n"
        "\n"
        "Seen on the job:\n"
        "  4c  took calls (M. Ito, 2026-03-03 12:00)"
    )


def test_everybodys_record_says_whose() -> None:
    both = [*ATTEMPTS, attempt(4, demonstrated=True, apprentice="bo")]
    said = recorded_text(both, Style(), everybody=True)
    assert said.startswith("Apprentice  When")
    assert "  bo: 4c  Installs security" in said


# --- every field is documented, and nothing else ------------------------------------------------


def test_grade_fields() -> None:
    data = graded_data(graded(PASSED, FAILED), evidence=True)
    data["verdicts"] = [one for one in data["verdicts"] if one["evidence"]]
    assert fields_of(data) == paths_in("grade", "verdicts")


def test_evidence_is_left_out_unless_asked_for() -> None:
    assert "evidence" not in graded_data(graded(FAILED))["verdicts"][0]
    assert "evidence" not in recorded_data(ATTEMPTS)["attempts"][0]["verdicts"][0]


def test_record_fields() -> None:
    force = in_force(
        [
            entered(Kind.GRADED, 2),
            entered(Kind.COSIGNED, 3),
            entered(Kind.COSIGNED, 4, observed="calls"),
        ]
    )
    data = recorded_data(ATTEMPTS[1:2], force, evidence=True)
    data["apprentices"] = [transcript_data(of_ada())]
    assert fields_of(data) == paths_in("record", "attempts[].verdicts")


TAG = Tag("a1b2", "4c", "ada", 7, 3, "r", NOON)
ASSESSED = replace(TAG, mode=Mode.ASSESSMENT)
SITTING = Sitting(
    Entry(
        sequence=5, id=UUID(int=5), kind="begun", made_at=NOON, apprentice="ada", code="4c",
        attempt_id=None, body={"minutes": 30}, previous="", key_id="",
    )
)  # fmt: skip
WEB = Container("id1", "web", "lab-ada-4c-web", "running", administered=True)
GONE = Container("id2", "ws", "lab-ada-4c-ws.starting", "exited", administered=False)
NETWORKS = {"office": "net1", "out": "net2"}
WHERE = {"id1": {"net1": "10.96.0.2", "net2": ""}}


def test_status_fields() -> None:
    data = worlds_data([Session(ASSESSED, (WEB,), NETWORKS)], WHERE, {"a1b2": SITTING})
    assert fields_of(data) == paths_in("status")


def test_status_says_what_is_off_and_what_is_unfinished() -> None:
    said = worlds_text([Session(TAG, (WEB, GONE), NETWORKS)], WHERE, {}, Style())
    assert "4c of ada, seed 7, since " in said
    assert "unfinished: its start was interrupted, or is still at work" in said
    assert "web   running  yours to change  office 10.96.0.2" in said
    assert "ws    exited" in said


def test_status_shows_the_clock_of_an_assessment_and_not_its_seed() -> None:
    world = Session(ASSESSED, (WEB,), NETWORKS)
    said = worlds_text([world], WHERE, {"a1b2": SITTING}, Style())
    assert "4c of ada, assessment: 0 seconds left of 30 minutes, until" in said
    assert "seed" not in said
    # Somebody else's may be in a record of theirs.
    said = worlds_text([world], WHERE, {}, Style())
    assert "4c of ada, an assessment, since " in said
    (data,) = worlds_data([world], WHERE, {})["worlds"]
    assert (data["assessment"], data["seed"]) == (None, None)
    assert worlds_data([Session(TAG, (WEB,), NETWORKS)], WHERE, {})["worlds"][0]["mode"] == (
        "practice"
    )


def test_on_the_way_only_the_standards_are_said() -> None:
    secret = replace(FAILED, where="g.py:1", after_restart=True, evidence=PASSED.evidence)
    broken = replace(secret, outcome=Outcome.BROKEN)
    found = graded(PASSED, secret, replace(secret, outcome=Outcome.BLOCKED), broken)
    found = replace(found, grade=only_standards(found.grade))
    for one in graded_data(found, evidence=True)["verdicts"]:
        assert (one["reason"], one["hint"], one["where"], one["evidence"]) == ("", "", "", [])
        assert not one["after_restart"]
    said = standards_text(found, Style())
    assert "1 of 4 standards hold. Nothing of this is kept" in said
    assert said.count("not yet") == 2
    assert "could not be looked at" in said


def test_a_pass_mark_that_is_reached_demonstrates() -> None:
    found = replace(graded(PASSED, FAILED), passed=True, mode="assessment")
    assert found.exit is Exit.DEMONSTRATED
    said = graded_text(found, Style())
    assert "demonstrated.\nThe pass mark is reached: 1 standard not met." in said
    assert graded_data(found)["demonstrated"]
    assert replace(found, passed=False).exit is Exit.NOT_YET


def test_images_list_fields() -> None:
    one = ImageState("base", "lab-base:1", current=True, size=1, source="import")
    assert fields_of(images_data((one,))) == paths_in("images list")
