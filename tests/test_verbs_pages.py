"""What people take away, asked for as they would: files that are written, and refusals."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from runner.cli import main
from runner.errors import Exit
from runner.record import open_record
from runner.verdict import Outcome
from tests.taken import attempt
from tests.test_handouts import tree, words
from tests.test_spreadsheet import read

HOUSE = Path(__file__).parent / "house"
NAME = "עדה לאבלייס"


@pytest.fixture(autouse=True)
def _apart(data: Path, monkeypatch: pytest.MonkeyPatch, listed: Path) -> None:
    """A record of two apprentices, and nothing of this machine."""
    monkeypatch.setenv("LAB_STATE", str(shutil.copytree(listed, data.parent / "state")))
    monkeypatch.setenv("LAB_PATH", str(HOUSE))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.chdir(data.parent)


@pytest.fixture
def _kept() -> None:
    with open_record() as kept:
        kept.append(attempt(1, "1a", Outcome.PASSED, Outcome.FAILED))
        kept.append(attempt(2, "1a", Outcome.PASSED, Outcome.PASSED, demonstrated=True))
        kept.append(attempt(3, "9a", Outcome.PASSED, apprentice="bo"))


def said(capsys: pytest.CaptureFixture[str], words: str) -> str:
    """What the program answers when all goes well."""
    code = main(words.split())
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    return out


@pytest.mark.usefixtures("_kept")
def test_the_record_begins_with_the_competencies_and_ends_as_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = said(capsys, "record --as ada")
    assert "  1a    demonstrated  2026-03-02  6/6    2      00000000  Sets up desktop" in told
    assert "ada: 1 of 44 demonstrated (1 of 27 core, 0 of 16 optional), 0 in progress." in told
    assert "Demonstrated:\n  1a  Title of 1a (2026-03-02 14:00)\n" in told
    assert "44 demonstrated" not in said(capsys, "record 1a --as ada")


@pytest.mark.usefixtures("_kept")
def test_the_record_as_json_has_everybody_it_was_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    everybody = json.loads(said(capsys, "record --all --json"))["apprentices"]
    assert [(one["apprentice"], len(one["competencies"])) for one in everybody] == [
        ("ada", 44), ("bo", 44),
    ]  # fmt: skip
    (one,) = json.loads(said(capsys, "record 9A --as bo --json"))["apprentices"]
    assert [(c["code"], c["state"]) for c in one["competencies"]] == [("9a", "in progress")]
    (nobody,) = json.loads(said(capsys, "record --as cy --json"))["apprentices"]
    assert {one["state"] for one in nobody["competencies"]} == {"not yet"}


@pytest.mark.usefixtures("_kept")
def test_the_page_of_an_apprentice(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["record", "--as", "ada", "--html", "ada.html", "--full-name", NAME]) == 0
    assert capsys.readouterr().out == "Written: ada.html\n"
    root = tree((tmp_path / "ada.html").read_bytes())
    assert words(next(root.iter("h1"))) == f"Record of {NAME}"
    assert len(root.findall(".//tbody/tr")) == 44


@pytest.mark.usefixtures("_kept")
def test_the_table_of_a_class(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert said(capsys, "record --all --csv class.csv") == "Written: class.csv\n"
    rows = read((tmp_path / "class.csv").read_bytes())
    assert len(rows) == 1 + 2 * 44
    assert {row[0] for row in rows[1:]} == {"ada", "bo"}


def test_ones_own_page_may_be_empty(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert said(capsys, "record --html mine.html") == "Written: mine.html\n"
    assert "0 of 44 demonstrated" in words(tree((tmp_path / "mine.html").read_bytes()))


@pytest.mark.usefixtures("_kept")
@pytest.mark.parametrize("asked", ["record --csv a", "record --html a", "schedule --pdf a"])
def test_somebody_who_is_in_no_record_is_refused_with_those_who_are(
    asked: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([*asked.split(), "--as", "aad"]) == Exit.WRONG_USE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("No attempt of aad is recorded.\nThe record knows: ada, bo. ")
    assert not (tmp_path / "a").exists()


@pytest.mark.usefixtures("_kept")
def test_the_schedule_in_each_form(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    told = said(capsys, "schedule --as ada")
    assert re.search(r"1a +Core +none +none +2026-03-02 practice +Sets up desktop", told)
    assert said(capsys, "schedule --as ada --html a.html") == "Written: a.html\n"
    assert "2026-03-02" in words(tree((tmp_path / "a.html").read_bytes()))
    assert said(capsys, "schedule --as ada --pdf a.pdf --paper letter") == "Written: a.pdf\n"
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")


def test_an_empty_form_is_anybodys(capsys: pytest.CaptureFixture[str]) -> None:
    assert "0 of 44 demonstrated" in said(capsys, "schedule --blank --as newcomer")


def test_a_pdf_that_would_lack_letters_is_not_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # A machine without fontconfig and without fonts.
    for variable in ("PATH", "HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS"):
        monkeypatch.setenv(variable, str(tmp_path))
    words = ["schedule", "--blank", "--full-name", NAME, "--pdf", "a.pdf"]
    assert main(words) == Exit.NOT_GRADED
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("No font of this machine has the character ")
    assert not (tmp_path / "a.pdf").exists()


def test_the_standards_as_a_page_have_all_or_the_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said(capsys, "standards --html all.html")
    root = tree((tmp_path / "all.html").read_bytes())
    assert len(root.findall(".//h3")) == 44
    assert "No lab yet" in words(root)
    said(capsys, "standards 9A --html one.html")
    assert len(tree((tmp_path / "one.html").read_bytes()).findall(".//h3")) == 1
    said(capsys, "standards 4a --html none.html")
    assert "No lab yet" in words(tree((tmp_path / "none.html").read_bytes()))


@pytest.mark.usefixtures("_kept")
def test_statistics_of_all_and_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert "      1 of 1         0 of 1   0 of 1  Standard 1 holds." in said(
        capsys, "statistics 1A"
    )
    labs = json.loads(said(capsys, "statistics --json"))["labs"]
    assert [(one["code"], one["people"]) for one in labs] == [("1a", 1), ("9a", 1)]
    assert labs[1]["minutes"] == 10


def test_statistics_of_nothing_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = "No attempt at 4a is recorded: there is nothing to count yet.\n"
    assert said(capsys, "statistics 4a") == nothing
    assert json.loads(said(capsys, "statistics --json")) == {"labs": []}
