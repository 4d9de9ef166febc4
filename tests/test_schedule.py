"""The work process schedule: filled in from the record, with nothing added to the framework."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner import places
from runner.framework import Framework, read_framework
from runner.listing import Listed, listing
from runner.schedule import GAPS, heading, schedule, schedule_text
from runner.transcript import transcript
from runner.voice import Style
from tests.taken import HOSTILE, LISTED, NOON, OCCUPATION, attempt, framework, hostile, of_ada


def test_the_form_has_every_mark_or_says_why_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    said = schedule_text(schedule(of_ada(), [framework()], name="", at=NOON), Style())
    assert said.startswith(
        "Work process schedule of ada\n"
        "IT Generalist (RAPIDS 1059, O*NET 15-1151.00)\n"
        "\n"
        "Code  Standing  OJT        RI    Demonstrated         Signed  Competency\n"
        "1     Core      X          none                               Sets up workstations\n"
        "1a    Core      X          none  2026-03-02 practice          Sets up devices\n"
        "1b    Core      X          none                               Installs software\n"
        "3     Optional  illegible  none                               Supports meetings\n"
        "3a    Optional  illegible  none                               Links projectors\n"
        "\n"
        "1 of 3 demonstrated"
    )


def test_the_form_of_this_framework_has_all_of_it_and_invents_no_mark() -> None:
    known = read_framework(places.house() / "labs" / "framework.yaml")
    listed = [one for one in listing([places.house()]).competencies if one.function < 8]
    form = schedule(transcript("ada", [], listed), [known], name="", at=NOON)
    assert [len(one.lines) for one in form.sections] == [9, 6, 6, 8, 5, 5, 4]
    printed = {one.code: one for one in known.competencies}
    for line in (one for section in form.sections for one in section.lines):
        for mark, column in ((line.ojt, "ojt"), (line.ri, "ri")):
            origin = printed[line.code].provenance_of(column).origin
            assert mark == GAPS.get(origin, "X")


def test_what_stands_in_no_framework_says_so() -> None:
    own = Listed("9a", 9, "", "Own", None, None, "Own", 10)
    form = schedule(transcript("ada", [], [*LISTED, own]), [framework()], name="", at=NOON)
    (line,) = form.sections[-1].lines
    assert (line.code, line.ojt, line.ri, line.standing) == ("9a", "not listed", "not listed", "")


def test_what_was_attempted_is_not_demonstrated() -> None:
    form = schedule(transcript("ada", [attempt(1)], LISTED), [framework()], name="Ada L", at=NOON)
    assert form.sections[0].lines[0].demonstrated_at is None
    assert (form.name, form.apprentice) == ("Ada L", "ada")


def test_an_employers_framework_adds_functions_and_no_occupation() -> None:
    base = framework()
    form = schedule(
        of_ada(),
        [Framework(base.functions[:1]), base, Framework((), occupation=None)],
        name="",
        at=NOON,
    )
    assert form.occupation == OCCUPATION
    assert [one.number for one in form.sections] == [1, 3]


def test_the_heading_leaves_out_codes_that_are_not_known() -> None:
    assert heading(replace(OCCUPATION, rapids=None)) == "IT Generalist (O*NET 15-1151.00)"
    assert heading(replace(OCCUPATION, rapids=None, onet=None)) == "IT Generalist"


def test_nothing_hostile_steers_a_terminal() -> None:
    form = schedule(hostile(), [framework(HOSTILE)], name=HOSTILE, at=NOON)
    said = schedule_text(form, Style())
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\x00"} & set(said)
