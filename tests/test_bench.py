"""The benchmark: what it makes of figures, and that all of it runs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from bench import page, results
from bench.contest import GIVEN_UP, Contestant, interleaved
from bench.figures import Found, Goal, Line, percentile, rows, written
from bench.ground import MARK, Plan
from bench.results import Mixed, Piece, Results
from bench.sections import SECTIONS, Section
from runner import session
from runner.engine import Engine
from runner.tables import columns
from runner.voice import Style

ROOT = Path(__file__).parents[1]
PLAN = Plan(quick=True, fetch=False, rounds=1, sizes=(1, 2), labs=("9a",))
FULL = Plan(quick=False, fetch=True, rounds=10, sizes=(1, 10, 20, 40), labs=("4c",))
WHERE = {"machine": "one", "engine": "Docker"}


@pytest.mark.parametrize(
    ("samples", "part", "expected"),
    [([3.0], 95, 3.0), ([2.0, 1.0], 50, 1.0), ([float(n) for n in range(1, 41)], 95, 38.0)],
)
def test_percentile_is_one_of_the_samples(
    samples: list[float], part: float, expected: float
) -> None:
    assert percentile(samples, part) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, "s", "-"),
        (0.0042, "s", "4.2 ms"),
        (0.421, "s", "421 ms"),
        (1.944, "s", "1.94 s"),
        (71.23, "s", "71.2 s"),
        (431.7, "/min", "432 /min"),
    ],
)
def test_figures_are_written_with_the_digits_that_mean_something(
    value: float | None, unit: str, expected: str
) -> None:
    assert written(value, unit) == expected


def test_targets_are_held_against_other_lines_or_by_themselves() -> None:
    lines = (
        Line("floor", "start", "floor"),
        Line("ours", "start", "lab", base="floor", goals=(Goal(1.5, "floor"), Goal(3.0))),
        Line("many", "start", "lab", goals=(Goal(1.1, "floor", times=10, name="a floor"),)),
        Line("alone", "start", "lab", goals=(Goal(1.1, "peer"),)),
        Line("peer", "start", "peer", needed=False),
    )
    found = Found({"floor": [2.0], "ours": [4.0, 1.0, 4.0], "many": [21.0], "alone": [1.0]})
    floor, ours, many, alone, peer = rows("Start", lines, found)
    assert ours.ratio == 2.0
    assert [(one.goal, one.met) for one in ours.judged] == [
        ("<= 1.5 x floor", False),
        ("<= 3.00 s", False),
    ]
    assert [(one.goal, one.met) for one in many.judged] == [("<= 1.1 x 10 x a floor", True)]
    assert alone.judged == ()
    assert not floor.missing
    assert not peer.missing
    assert rows("Start", lines[:1], Found({}))[0].missing


def test_everybody_begins_once_and_who_fails_is_noted() -> None:
    order: list[str] = []

    def turn(name: str) -> Mapping[str, float]:
        order.append(name)
        if name == "c":
            raise ValueError("not\nhere")
        return {name: 1.0}

    three = [Contestant(name, (name,), partial(turn, name)) for name in "abc"]
    found = interleaved(three, 4, lambda _: None)
    assert order[:6] == ["a", "b", "c", "b", "c", "a"]
    assert order.count("c") == GIVEN_UP
    assert found.samples == {"a": (1.0,) * 4, "b": (1.0,) * 4}
    assert found.notes == {"c": "failed (2 x): ValueError: not here"}


@pytest.mark.parametrize("plan", [PLAN, FULL], ids=["quick", "full"])
@pytest.mark.parametrize("section", SECTIONS, ids=lambda one: one.name)
def test_lines_refer_to_lines_of_their_section(section: Section, plan: Plan) -> None:
    keys = [line.key for line in section.lines(plan)]
    assert len(set(keys)) == len(keys)
    for line in section.lines(plan):
        assert {line.base, *(goal.against for goal in line.goals)} <= {"", *keys}


def test_results_that_were_kept_make_the_same_table(tmp_path: Path) -> None:
    whole = _whole(PLAN)
    results.write(whole, tmp_path / "results.json")
    again = results.begun(WHERE, tmp_path / "results.json", quick=True)
    assert again.rows == whole.rows
    assert page.as_page(again) == page.as_page(whole)
    with pytest.raises(Mixed, match="another machine"):
        results.begun({"machine": "two"}, tmp_path / "results.json", quick=True)
    with pytest.raises(Mixed, match="not as quickly"):
        results.begun(WHERE, tmp_path / "results.json", quick=False)


def test_a_section_measured_anew_takes_the_place_of_the_old_one() -> None:
    section = SECTIONS[0]
    before = _whole(PLAN)
    after = results.with_piece(before, section.name, Piece(PLAN, Found({})))
    assert [row.missing for row in after.rows if row.section == section.title and row.line.needed]
    assert {row.section for row in after.rows} == {row.section for row in before.rows}


def test_the_page_shows_every_line_and_what_is_not_met() -> None:
    section = SECTIONS[0]
    lines = section.lines(PLAN)
    samples = {line.key: [9.0 if line.goals else 1.0] for line in lines}
    notes = {"start-kathara": "not run: not here"}
    del samples["start-kathara"]
    found = Found(samples, notes, {"imports": [("paramiko", 0.1), ("idle package", 0.0)]})
    there = Results(WHERE, {section.name: Piece(PLAN, found)})
    text = page.as_page(there)
    assert text.count("NOT MET") == text.count(" was wanted, ")
    assert "* start, 3 hosts, lab, inside: <= 1.15 x floor was wanted, 9.00 found" in text
    assert "not run: not here" in text
    assert "| paramiko | 100 ms |" in text
    assert "idle package" not in text
    table = columns(page.as_table(there), Style())
    assert all(line.who in table for line in lines)


def test_a_key_names_one_line() -> None:
    keys = [line.key for section in SECTIONS for line in section.lines(FULL)]
    assert len(set(keys)) == len(keys)
    quoted = page.quoted(_whole(FULL))
    assert quoted.count("(1.00 x ") == 7
    assert quoted.count("\n") == 10


def test_the_readme_quotes_what_was_measured() -> None:
    kept = results.read(ROOT / "docs" / "benchmarks" / "results.json")
    assert page.quoted(kept) in (ROOT / "README.md").read_text(encoding="utf-8")
    told = (ROOT / "docs" / "benchmarks" / "results.md").read_text(encoding="utf-8")
    assert page.as_page(kept) == told


@pytest.mark.engine
def test_all_of_it_runs_and_leaves_nothing(there: Engine, tmp_path: Path) -> None:
    """What CI asks: that everything is measured; not how fast it is, which CI cannot know."""
    words = [sys.executable, "-m", "bench", "--quick", "--json", "--write", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told == json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert [section["name"] for section in told["sections"]] == [one.name for one in SECTIONS]
    for section, measured in zip(SECTIONS, told["sections"], strict=True):
        lines = {line["key"]: line for line in measured["lines"]}
        assert list(lines) == [line.key for line in section.lines(PLAN)]
        for line in section.lines(PLAN):
            row = lines[line.key]
            assert row["samples"] or (not line.needed and row["note"]), f"{line.key}: {row['note']}"
    assert "| lab, inside |" in (tmp_path / "results.md").read_text(encoding="utf-8")
    assert not [one for one in session.find_all(there) if one.tag.apprentice.startswith("bench-")]
    marked = {"label": [MARK]}
    assert not there.api.containers(all=True, filters=marked)
    assert not there.api.networks(filters=marked)


def _whole(plan: Plan) -> Results:
    """Results with a figure on every line."""
    return Results(
        WHERE,
        {
            section.name: Piece(plan, Found({line.key: [1.0, 2.5] for line in section.lines(plan)}))
            for section in SECTIONS
        },
    )
