"""One check asked of a running world, shown as it was asked; a grading kept as a case."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from runner import catalogue, engine, recorded, session
from runner.case import read
from runner.cli import main
from runner.errors import Exit
from runner.session import Tag
from runner.verbs_try import tried_data
from runner.verdict import Evidence, Grade, Outcome, Verdict
from tests.documented import fields_of, paths_in

HOUSE = Path(__file__).parent / "house"
WHO = f"try-{os.getpid()}"


def test_every_field_is_documented() -> None:
    tag = Tag("12ab", "9a", "ada", 5, 1, "cd34", datetime(2026, 3, 2, tzinfo=UTC))
    asked = Evidence("client", "root", "nc web 80", 1, "", 0.1)
    verdict = Verdict("page_served", "It is.", Outcome.FAILED, 2, reason="no", evidence=(asked,))
    data = tried_data(tag, Grade("9a", (verdict,)))
    assert fields_of(data) == paths_in("try", "verdicts")
    assert data["exit"] == Exit.NOT_YET


@pytest.fixture
def _world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A running world of the trial lab; nothing of it is left."""
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    monkeypatch.setenv("LAB_PATH", str(HOUSE))
    monkeypatch.delenv("LAB_DATABASE_URL", raising=False)
    assert main(["start", "9a", "--seed", "5", "--as", WHO]) == 0
    yield
    assert main(["stop", "9a", "--as", WHO]) == 0


@pytest.mark.engine
@pytest.mark.usefixtures("_world")
def test_a_check_is_asked_on_its_own_and_a_grading_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*words: str, code: int) -> tuple[str, str]:
        capsys.readouterr()
        assert main([*words, "--as", WHO]) == code
        return capsys.readouterr()

    _, err = said("try", "pages_served", code=Exit.WRONG_USE)
    assert err == "Lab 9a has no check 'pages_served'.\nNearest: page_served.\n"
    _, err = said("try", "zzz", code=Exit.WRONG_USE)
    assert err.endswith("\nThere are: boss_has_an_account, page_served.\n")

    out, _ = said("try", "9a", "page_served", code=Exit.NOT_YET)
    head, asked = out.split("\n\n", 1)
    assert head == (
        "9a  page_served: FAILED\n"
        "The office sees the company's page.\n"
        "observed: the page does not show the company's name"
    )
    assert asked.startswith("1. root@client, status 1, 0.")
    assert "\n   $ nc -w 2 10." in asked

    data = json.loads(said("try", "boss_has_an_account", "--json", code=0)[0])
    (verdict,) = data["verdicts"]
    assert (verdict["check"], verdict["outcome"]) == ("boss_has_an_account", "PASSED")
    assert verdict["evidence"][0]["question"].startswith("getent passwd ")
    assert "No attempt" in said("record", code=0)[0]

    there = engine.connect()
    there.api.stop(session.find(there, WHO, "9a").container("client").id, timeout=0)
    there.close()
    out, _ = said("try", "page_served", code=Exit.NOT_GRADED)
    assert out.startswith("9a  page_served: BROKEN\n")
    assert "1. root@client, no answer, " in out
    said("start", "9a", code=0)

    said("attempt", "service", code=0)
    file = tmp_path / "case.json.gz"
    _, err = said("grade", "--keep-evidence", str(file), code=0)
    assert err.endswith(f"\nKept the recorded case in {file}.\n")
    grade = recorded.replay(read(file), catalogue.find("9a", HOUSE))
    assert grade.demonstrated
    assert [one.after_restart for one in grade.verdicts] == [False, True]
