"""Quality sheets: what they say, how they are kept, and how `lab list --quality` shows them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from runner import catalogue, places, quality, sheet
from runner.catalogue import Lab
from runner.cli import main
from runner.errors import StageError
from runner.findings import Found, Problem, Proof
from runner.quality import Flakes, Revisions, Run, Sheet, TrialLine
from runner.sheet import Standing
from runner.voice import Style
from tests import small_lab
from tests.documented import fields_of, paths_in
from tests.small_lab import everything, found

CODES = [one.code for one in catalogue.labs(places.house())]
NOON = datetime(2026, 11, 23, 12, 5, tzinfo=UTC)
MIB = 1 << 20
SAME = Revisions("a", "b", "c", "d")
SLOW = Problem(Proof.BUDGET, "slow")
TIMED = found("by_hand", seed=2, seconds={"start": 2.25, "stop": 1.0}, memory=140 * MIB)


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setenv("LAB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LAB_STATE", str(tmp_path / "state"))
    return small_lab.write(tmp_path)


def sheet_of(lab: Lab, *tried: Found, problems: tuple[Problem, ...] = ()) -> Sheet:
    sizes = {"web": 90 * MIB, "base": 80 * MIB}
    return quality.sheet_of(lab, tried, problems, sizes, quality.runs(lab.code), at=NOON)


def keep(lab: Lab, *tried: Found, problems: tuple[Problem, ...] = ()) -> Path:
    made = sheet_of(lab, *tried, problems=problems)
    return quality.keep(made, quality.runs(lab.code), sheet.page(made))


# --- the sheet ------------------------------------------------------------------------------------


def test_the_sheet_counts_what_was_killed(lab: Lab) -> None:
    made = sheet_of(lab, *everything(), TIMED)
    assert (made.checks_killed, len(made.checks)) == (3, 3)
    assert (made.steps_killed, len(made.steps)) == (4, 4)
    assert made.seeds == (1, 2)
    assert made.solutions == ("by_hand", "with_a_tool")
    assert len(made.wrong) == 4
    assert made.spent.start.p95 == 2.25
    assert [one.image for one in made.images] == ["base", "web"]
    assert made.problems == ()


def test_what_was_not_killed_is_on_the_sheet_as_well(lab: Lab) -> None:
    made = sheet_of(lab, found("not_enabled", "page_stays"))
    assert (made.checks_killed, len(made.checks)) == (1, 3)
    assert (made.steps_killed, len(made.steps)) == (1, 4)


def test_the_trials_problems_stand_behind_those_of_the_lab(lab: Lab) -> None:
    of_lab = Problem(Proof.CHECK, "all alive")
    made = sheet_of(lab, found("by_hand", without="serve", problem="odd"), problems=(of_lab,))
    assert made.problems == (
        of_lab,
        Problem(Proof.WRONG, "seed 1: by_hand without serve: odd"),
    )
    assert made.trials == (TrialLine("seed 1: by_hand without serve", stood=False),)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        (f"{small_lab.LAB}/brief.md", ("attempts",)),
        (f"{small_lab.LAB}/attempts/by_hand/10-serve.web.sh", ("attempts",)),
        (f"{small_lab.LAB}/attempts/by_hand/15-new.web.sh", ("attempts",)),
        (f"{small_lab.LAB}/lab.yaml", ("lab",)),
        ("scenarios/pair/files/web/etc/new", ("lab",)),
        (small_lab.GRADER, ("grader",)),
        ("labs/names.yaml", ()),
    ],
)
def test_a_change_of_what_was_validated_is_noticed(
    lab: Lab, tmp_path: Path, name: str, changed: tuple[str, ...]
) -> None:
    before = quality.revisions_of(lab)
    file = lab.root / name
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    small_lab.put(file, f"{text}\n# changed\n")
    assert before.changed(quality.revisions_of(small_lab.read(tmp_path))) == changed


# --- flakes ---------------------------------------------------------------------------------------


def run(revisions: Revisions = SAME, **trials: bool) -> Run:
    return Run(NOON, revisions, tuple(TrialLine(name, stood) for name, stood in trials.items()))


@pytest.mark.parametrize(
    ("runs", "flakes", "rate"),
    [
        ([run(a=True)], Flakes(1, 0, ()), None),
        ([run(a=True), run(a=True)], Flakes(2, 1, ()), 0.0),
        ([run(a=True, b=True), run(a=False, b=True)], Flakes(2, 2, ("a",)), 0.5),
        ([run(a=False), run(a=False)], Flakes(2, 1, ()), 0.0),
        ([run(a=True), run(new=False)], Flakes(2, 0, ()), None),
        ([run(a=True), run(Revisions("a", "b", "c", "x"), a=False)], Flakes(1, 0, ()), None),
        ([run(a=True), run(b=True), run(a=False, b=False)], Flakes(3, 2, ("a", "b")), 1.0),
    ],
)
def test_a_flake_comes_out_both_ways_with_nothing_changed(
    runs: list[Run], flakes: Flakes, rate: float | None
) -> None:
    assert quality.flakes(runs) == flakes
    assert quality.flakes(runs).rate == rate


def test_flakes_are_known_from_the_runs_that_were_kept(lab: Lab) -> None:
    keep(lab, found("by_hand"), found("with_a_tool"))
    keep(lab, found("by_hand", problem="odd"), found("with_a_tool"))
    made = sheet_of(lab, found("by_hand"), found("with_a_tool"))
    assert made.flakes == Flakes(3, 2, ("seed 1: by_hand",))


# --- what is kept ---------------------------------------------------------------------------------


def test_a_sheet_is_kept_as_it_is(lab: Lab) -> None:
    assert quality.latest("9a") is None
    assert quality.runs("9a") == ()
    made = sheet_of(lab, *everything(), TIMED, problems=(SLOW,))
    page = quality.keep(made, (), sheet.page(made))
    assert quality.latest("9a") == made
    assert [one.at for one in quality.runs("9a")] == [NOON]
    assert page.read_text(encoding="utf-8").startswith("# 9a  Serve the page\n")
    assert {file.name for file in page.parent.iterdir()} == {"9a.json", "9a.md"}
    assert page.parent.stat().st_mode & 0o777 == 0o700


def test_twenty_runs_are_remembered(lab: Lab) -> None:
    made = sheet_of(lab, found("by_hand"))
    older = [Run(NOON - timedelta(days=day), SAME, ()) for day in range(1, 40)]
    quality.keep(made, older, "")
    kept = quality.runs("9a")
    assert len(kept) == quality.REMEMBERED == 20
    assert [one.at for one in kept[:2]] == [NOON, NOON - timedelta(days=1)]


@pytest.mark.parametrize("text", ["", "{", '{"sheet": {}, "runs": []}', "[]"])
def test_what_cannot_be_understood_is_as_if_it_were_not_there(lab: Lab, text: str) -> None:
    page = keep(lab, found("by_hand"))
    small_lab.put(page.with_suffix(".json"), text)
    assert quality.latest("9a") is None
    assert quality.runs("9a") == ()
    keep(lab, found("by_hand"))
    assert quality.latest("9a") is not None


def test_a_folder_that_cannot_be_used_is_told(lab: Lab, tmp_path: Path) -> None:
    made = sheet_of(lab, found("by_hand"))
    small_lab.put(tmp_path / "data" / "quality", "a file")
    with pytest.raises(StageError, match=r"The file .*quality/9a\.json cannot be read"):
        quality.latest("9a")
    with pytest.raises(StageError, match="cannot be written") as caught:
        quality.keep(made, (), "")
    assert "LAB_DATA" in caught.value.remedy


# --- the page -------------------------------------------------------------------------------------


def test_the_page_says_it_all(lab: Lab) -> None:
    text = sheet.page(sheet_of(lab, *everything(), TIMED))
    for line in (
        "No problem was found.",
        "| Validated | 2026-11-23 12:05 UTC |",
        "| Seeds | 1, 2 |",
        "| Checks that can fail | 3 of 3 |",
        "| Steps that matter | 4 of 4 |",
        "| Flakes | not known: no trial was repeated with nothing changed |",
        "| Memory of a world | 140 MiB; 600 MiB at most |",
        "| start | 2.2 s | 2.2 s | 1 | 5 s |",
        "| reset | - | - | 0 | - |",
        "| page_stays | The page stays. | not_enabled, not_lasting |",
        "| by_hand | serve | page_is_served, page_stays |",
        "| base | 80 MiB |",
        "None.",
    ):
        assert line in text.splitlines()


def test_the_page_lists_problems_by_what_they_break(lab: Lab) -> None:
    problems = (Problem(Proof.BUDGET, "start | p95"), Problem(Proof.ANSWER, "in <etc>"))
    text = sheet.page(sheet_of(lab, found("by_hand", problem="odd"), problems=problems))
    assert "**3 problems**, see below." in text
    assert re.findall(r"^### .*$", text, re.MULTILINE) == [
        "### Every wrong way fails",
        "### No answers in the box",
        "### Time and size",
    ]
    assert "- start \\| p95\n" in text
    assert "- in &lt;etc>\n" in text


@pytest.mark.parametrize("tried", [everything(), (), (found("by_hand", problem="a|b\nc"),)])
def test_every_row_of_a_table_has_its_cells(lab: Lab, tried: tuple[Found, ...]) -> None:
    width = 0
    for line in sheet.page(sheet_of(lab, *tried)).splitlines():
        cells = re.split(r"(?<!\\)\|", line) if line.startswith("|") else []
        if cells and width:
            assert len(cells) == width
        width = len(cells)


# --- lab list --quality ---------------------------------------------------------------------------


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["list", "--quality", *words]) == 0
    return capsys.readouterr().out


@pytest.fixture
def house(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The lab, as an employer's beside ours."""
    monkeypatch.setenv("LAB_PATH", str(lab.root))
    return lab


def test_a_lab_that_was_never_validated_says_so(
    house: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    said = listed(capsys, "--plain")
    assert re.search(r"^9a +never +- .* Serve the page$", said, re.MULTILINE)
    assert re.search(r"^4c +never ", said, re.MULTILINE)
    stale = ", ".join([*CODES, "9a"])
    first = " ".join(CODES[:2])
    assert f"\nNot validated in the present state: {stale}. ./lab validate {first}" in said
    assert "One page" not in said
    assert house.code in said


def test_a_lab_that_was_validated_as_it_is(house: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    page = keep(house, *everything(), TIMED)
    said = listed(capsys, "--plain")
    assert re.search(
        rf"^9a +2026-11-23  {house.revision[:8]} +0 +3/3 +4/4 +4 +- +2.2 s +140 MiB +Serve the page"
        r"\n +current$",
        said,
        re.MULTILINE,
    )
    assert f"One page for each lab: {page.parent}/CODE.md" in said


def test_a_lab_that_was_changed_since_says_what(
    house: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(house, found("by_hand"))
    keep(house, found("by_hand", problem="odd"))
    small_lab.put(house.folder / "brief.md", "# Another\n")
    said = listed(capsys, "--plain")
    assert re.search(
        r"^9a +2026-11-23  \w{8} +1 +0/3 +0/4 +4 +100% .*\n +changed: attempts$",
        said,
        re.MULTILINE,
    )


def test_a_lab_that_cannot_be_read_hides_no_other(
    house: Lab, capsys: pytest.CaptureFixture[str]
) -> None:
    small_lab.put(house.folder / "lab.yaml", "titel: t\n")
    assert main(["list", "--quality", "--plain"]) == 0
    out, err = capsys.readouterr()
    assert "This lab cannot be read: " in err
    assert re.findall(r"^(\d\w)  ", out, re.MULTILINE) == CODES


def test_as_json_it_is_the_sheet(house: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    keep(house, *everything(), TIMED)
    labs = {one["code"]: one for one in json.loads(listed(capsys, "--json"))["labs"]}
    assert (labs["4c"]["sheet"], labs["4c"]["current"], labs["4c"]["page"]) == (None, False, None)
    assert labs["9a"]["current"] is True
    made = labs["9a"]["sheet"]
    assert (made["steps_killed"], made["checks_killed"], made["flakes"]["rate"]) == (4, 3, None)
    assert made["at"] == "2026-11-23T12:05:00Z"


def test_its_fields_are_documented(house: Lab) -> None:
    keep(house, *everything(), TIMED)
    keep(house, *everything(), found("by_hand", problem="odd"))
    made = quality.latest("9a")
    assert made is not None
    small_lab.put(house.folder / "brief.md", "# Another\n")
    answer = sheet.standings_data([sheet.standing(house)])
    own = {path for path in fields_of(answer) if not path.startswith("labs[].sheet.")}
    own |= {"labs[].sheet"}
    inner = fields_of({"sheet": sheet.sheet_data(made)})
    # Four durations have the same fields, which are written down once.
    same_again = {p for p in inner if re.match(r"sheet\.spent\.(grade|reset|stop)\.", p)}
    objects = {"sheet", "sheet.revisions", "sheet.flakes", "sheet.spent", "sheet.spent.start"}
    assert own | (inner - same_again - objects) == paths_in("list --quality")


def test_without_labs_there_is_no_table() -> None:
    assert sheet.standings_text([], Style()) == "No lab yet."
    said = sheet.standings_text([Standing("9a", "t")], Style())
    assert said.endswith("\n\nNot validated in the present state: 9a. ./lab validate 9a does it.")
