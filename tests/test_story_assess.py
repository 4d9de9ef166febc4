"""An assessment from its start to what is handed in, on a real engine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from runner import (
    assessment,
    catalogue,
    engine,
    handin,
    keeping,
    keys,
    life,
    practical,
    session,
    timekeeper,
)
from runner.cli import main
from runner.entry import Draft, Kind, Mode
from runner.errors import Exit, NoSession
from runner.record import open_record
from runner.rules import Rules
from runner.session import Session
from runner.values import new_seed
from runner.waiting import tries
from tests.sitting import HOUSE, ROOT, WHO, Said, apart, call, kinds, shell, the_world

__all__ = ["apart"]  # used by every test, unasked

pytestmark = pytest.mark.engine


def test_from_half_done_to_demonstrated(tmp_path: Path, capsys: Said) -> None:
    (tmp_path / "roster.yaml").write_text(
        f"practice_counts: false\nassessment: {{attempts: 2}}\npeople:\n  {WHO}: {{time: 1.5}}\n",
        encoding="utf-8",
    )
    _, note = call(capsys, "start", "9a", "--assess")
    assert "assessment: 15 minutes left of 15 minutes" in note or "14 minutes left" in note
    assert "seed" not in note
    (world,) = json.loads(call(capsys, "status", "--json")[0])["worlds"]
    assert world["mode"] == "assessment"
    assert 0 < world["assessment"]["seconds_left"] <= 15 * 60
    assert "seed" not in call(capsys, "status")[0]

    for words in (["hint"], ["reset"], ["stop"], ["attempt", "service"], ["grade", "--evidence"]):
        assert "9a runs as an assessment" in call(capsys, *words, code=Exit.WRONG_USE)[1]
    assert "runs already" in call(capsys, "start", "9a", "--assess")[1]

    graded = json.loads(call(capsys, "grade", "--json", code=Exit.NOT_YET)[0])
    assert not any(one["reason"] or one["hint"] for one in graded["verdicts"])
    assert graded["recorded"] is None
    out, _ = call(capsys, "grade", code=Exit.NOT_YET)
    assert "observed" not in out
    out, note = call(capsys, "submit", code=Exit.NOT_YET)
    assert "observed: " in out
    assert f"Kept in the record of {WHO}" in out
    assert "Handed in; 9a is stopped." in note
    assert call(capsys, "status")[0] == f"No lab runs for {WHO}.\n"

    call(capsys, "start", "9a", "--assess")
    assert the_world().tag.seed != world["seed"]
    script = (HOUSE / "labs/jf9_trial/a_small/attempts/service/10-serve.web.sh").read_text()
    done = shell("web", script)
    assert done.returncode == 0, done.stderr
    assert "left in this assessment" not in done.stderr
    out, _ = call(capsys, "submit", "--json")
    assert json.loads(out)["demonstrated"]
    assert "may be made" in call(capsys, "start", "9a", "--assess", code=Exit.WRONG_USE)[1]

    record = json.loads(call(capsys, "record", "--json")[0])
    assert [one["mode"] for one in record["attempts"]] == ["assessment"] * 2
    assert [one["in_force"] for one in record["attempts"]] == [False, True]
    assert kinds() == ["begun", "submitted"] * 2
    for number in ("3", "5"):
        call(capsys, "evidence", number, "--output", str(tmp_path / f"{number}.json"))
        assert main(["verify", str(tmp_path / f"{number}.json"), "--ledger"]) == 0
        assert main(["replay", str(tmp_path / f"{number}.json")]) == 0
    assert "comes to the same outcome" in capsys.readouterr().out


def test_practice_and_assessment_keep_apart(capsys: Said) -> None:
    call(capsys, "start", "9a", "--seed", "5")
    assert "as practice" in call(capsys, "start", "9a", "--assess", code=Exit.WRONG_USE)[1]
    assert "nothing to hand in" in call(capsys, "submit", code=Exit.WRONG_USE)[1]
    assert kinds() == []


def begun_long_ago() -> None:
    """A world of an assessment whose time is over: it has no minutes."""
    there = engine.connect()
    lab = catalogue.find("9a", HOUSE)
    started = life.start(there, lab, WHO, seed=new_seed(), mode=Mode.ASSESSMENT, say=lambda _: None)
    tag = started.practical.session.tag
    there.close()
    id = assessment.begun_id(tag.session, WHO, "9a", tag.started)
    body = {"session": tag.session, "seed": str(tag.seed), "minutes": 0, "terms": {}}
    with open_record() as record:
        record.enter(Draft(id, Kind.BEGUN, WHO, "9a", body), keys.signing())


@pytest.mark.parametrize("verb", ["status", "grade", "hint", "submit", "start"])
def test_at_the_end_of_the_time_any_command_hands_in(verb: str, capsys: Said) -> None:
    begun_long_ago()
    words = [verb] if verb == "status" else [verb, "9a"]
    out, note = call(capsys, *words, code=0 if verb == "status" else Exit.NOT_YET)
    assert "observed: " in out
    assert "Handed in; 9a is stopped." in note
    assert kinds() == ["begun", "submitted"]
    with open_record() as record:
        entry = record.newest(WHO)
    assert entry is not None
    assert entry.body["by_itself"] is True
    assert call(capsys, "status")[0] == f"No lab runs for {WHO}.\n"


def test_at_the_end_of_the_time_it_is_handed_in_without_anybody(capsys: Said) -> None:
    begun_long_ago()
    timekeeper.begin()
    there = engine.connect()
    for _ in tries(60):
        if WHO not in {one.tag.apprentice for one in session.find_all(there)}:
            break
    there.close()
    assert kinds() == ["begun", "submitted"]
    assert "No lab runs" in call(capsys, "status")[0]


def test_who_keeps_the_time_leaves_alone_what_is_not_due_or_not_of_this_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    call(capsys, "start", "9a", "--assess")
    handed_in: list[Session] = []
    there = engine.connect()
    wait = timekeeper.look(there, lambda _, found: handed_in.append(found), lambda _: None)
    assert wait is not None
    assert 0 < wait <= 30 * 60
    monkeypatch.setenv("LAB_DATA", str(tmp_path / "another"))
    assert timekeeper.look(there, lambda _, found: handed_in.append(found), lambda _: None) is None
    there.close()
    assert handed_in == []
    assert kinds() == []  # of somebody else's world nothing is entered


def test_a_shell_is_not_opened_after_the_end(capsys: Said) -> None:
    begun_long_ago()
    found = shell("web", "touch /root/late\n")
    assert found.returncode == Exit.NOT_YET
    assert "The time of the assessment of 9a is over" in found.stderr
    assert kinds() == ["begun", "submitted"]
    capsys.readouterr()


def test_two_who_hand_in_at_once_hand_in_once(capsys: Said) -> None:
    call(capsys, "start", "9a", "--assess")
    words = [sys.executable, "-m", "runner", "submit", "9a", "--yes", "--as", WHO]
    both = [
        subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(2)
    ]
    told = [one.communicate(timeout=120) for one in both]
    assert kinds() == ["begun", "submitted"]
    # The other waits and hears of it, or comes when the world is gone.
    codes = sorted(one.returncode for one in both)
    assert codes in ([Exit.NOT_YET, Exit.NOT_YET], [Exit.NOT_YET, Exit.WRONG_USE]), told
    assert sum("Handed in; 9a is stopped." in err for _, err in told) == 1


def test_who_is_killed_before_the_world_is_gone_has_handed_in(capsys: Said) -> None:
    call(capsys, "start", "9a", "--assess")
    there, lab = engine.connect(), catalogue.find("9a", HOUSE)
    world = the_world()
    begun = handin.sitting(world, lab).begun
    kept = keeping.HandedIn(assessment.submitted_id(begun.id), begun.id, Rules(), by_itself=False)
    keeping.graded(there, practical.of(world, lab), "t", lambda _: None, lambda _: None, kept)
    there.close()
    assert kinds() == ["begun", "submitted"]
    _, note = call(capsys, "grade", code=Exit.NOT_YET)
    assert "was handed in already" in note
    # A command that still thinks of that world builds no other.
    there = engine.connect()
    with pytest.raises(NoSession):
        life.resume(there, world, lab, lambda _: None)
    there.close()
    assert call(capsys, "status")[0] == f"No lab runs for {WHO}.\n"
    assert kinds() == ["begun", "submitted"]


def test_what_cannot_be_looked_at_stops_the_clock(capsys: Said) -> None:
    call(capsys, "start", "9a", "--assess")
    world = the_world()
    away = shell("web", "mv /usr/bin/env /usr/bin/env.away\n")
    assert away.returncode == 0, away.stderr
    assert "minutes left in this assessment" in away.stderr  # it has ten
    _, note = call(capsys, "submit", code=Exit.NOT_GRADED)
    assert "The clock of this assessment stands" in note
    assert kinds() == ["begun", "paused"]
    assert "its clock stands since" in call(capsys, "status")[0]
    assert not the_world().running
    assert "clock of the assessment" in shell("web", "true\n").stderr

    there = engine.connect()
    web = the_world().container("web").id
    there.api.unpause(web)
    made = there.api.exec_create(web, ["/usr/bin/mv", "/usr/bin/env.away", "/usr/bin/env"])
    there.api.exec_start(made["Id"])
    there.close()
    call(capsys, "start", "9a")
    assert kinds() == ["begun", "paused", "resumed"]
    assert the_world().running
    assert the_world().tag.session == world.tag.session
    call(capsys, "submit", code=Exit.NOT_YET)
    assert kinds() == ["begun", "paused", "resumed", "submitted"]
